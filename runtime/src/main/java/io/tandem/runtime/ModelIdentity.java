package io.tandem.runtime;

import io.tandem.cache.ContentKeys;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.engine.runner.Engine;

/**
 * Stands for everything that two processes must have in common for one to use the states that the other makes.
 *
 * <p>These are the parts of a content key that content has no say in: the checkpoint's
 * {@linkplain io.tandem.engine.checkpoint.Checkpoint#fingerprint() fingerprint}, numerics (backend and format of the weights) and the
 * format of what is kept. It tells apart what the fingerprint tells apart: another checkpoint, revision, fine-tuning, tokenizer or
 * preprocessing, but not an edit by hand of a few numbers within a large tensor; and not a chat template or generation settings, which
 * change what is asked, not what states mean.
 *
 * @param value to be compared
 */
public record ModelIdentity(String value) {

    /** Of the model that an engine has loaded. */
    public static ModelIdentity of(Engine engine) {
        return new ModelIdentity(
                "%s-%s-%d".formatted(engine.fingerprint(), engine.numerics(), ContentKeys.FORMAT_VERSION));
    }

    /**
     * Refuses what this model can't use.
     *
     * @param maker who made it, as its reply said; empty if it didn't
     * @param what it is, for the message
     * @throws TandemException MODEL_MISMATCH
     */
    public void requireMaker(String maker, String what) {
        if (!value.equals(maker)) {
            throw new TandemException(
                    ErrorCode.MODEL_MISMATCH,
                    null,
                    "%s were made by model %s, this service has %s; all roles must have the same tandem.engine.model, revision and weights"
                            .formatted(what, maker.isEmpty() ? "(unknown)" : maker, value));
        }
    }
}
