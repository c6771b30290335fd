package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.List;

/**
 * The model that this server serves, as far as requests and answers need it.
 *
 * @param names under which clients ask for it, at least one; the first is the one that is shown
 * @param fingerprint of the weights
 * @param backend that computes
 * @param maxEncoderTokens longest sum of encoder tokens of one request
 * @param maxDecoderTokens longest sum of prefix and output tokens
 * @param images whether it reads pictures
 * @param tokensPerImage encoder tokens of one picture
 * @param vocabularySize token ids are below this
 * @param documentCut names how documents are cut into windows
 */
public record ServedModel(
        List<String> names,
        String fingerprint,
        String backend,
        int maxEncoderTokens,
        int maxDecoderTokens,
        boolean images,
        int tokensPerImage,
        int vocabularySize,
        String documentCut) {

    /** Keeps its own copy of the names. */
    public ServedModel {
        names = List.copyOf(names);
    }

    /**
     * The name under which a client asks for this model.
     *
     * @throws TandemException MODEL_NOT_FOUND if it asks for another
     */
    String requireServed(Field name) {
        if (!names.contains(name.text())) {
            throw new TandemException(
                    ErrorCode.MODEL_NOT_FOUND,
                    name.path(),
                    "The model %s does not exist here; this server serves %s (tandem.gateway.served-model-names)."
                            .formatted(JsonBody.shortened(name.text()), String.join(", ", names)));
        }
        return name.text();
    }

    /** What answers say about how they were computed. */
    String systemFingerprint() {
        return fingerprint + "-" + backend;
    }
}
