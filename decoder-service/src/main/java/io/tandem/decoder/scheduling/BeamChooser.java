package io.tandem.decoder.scheduling;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.Outcome.Failed;
import io.tandem.decoder.scheduling.Outcome.Found;
import io.tandem.engine.beams.BeamSearch;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.sampling.Logprobs;

/**
 * Takes beam searches a step further, and ends those that are over. Penalties and biases act on log probabilities here, not on
 * logits, as in transformers.
 *
 * <p>Mutable scratch space; confined to the step thread.
 */
final class BeamChooser {

    private final Scheduler scheduler;
    private final DecoderMetrics metrics;
    private final DecoderStep step;
    private final SequenceRules rules;
    private final float[] logprobs; // [vocabulary]

    BeamChooser(Scheduler scheduler, DecoderMetrics metrics, DecoderStep step, int vocabularySize) {
        this.scheduler = scheduler;
        this.metrics = metrics;
        this.step = step;
        this.rules = new SequenceRules(vocabularySize);
        this.logprobs = new float[vocabularySize];
    }

    /**
     * Advances a search whose beams all were in a step.
     *
     * @param firstEntry the step's entry of the first beam; those of the others come behind it
     */
    void advance(SequenceGroup group, BeamSearch search, int firstEntry) {
        try {
            for (int beam = 0; beam < search.running(); beam++) {
                step.logits(firstEntry + beam, 0, logprobs);
                Logprobs.normalise(logprobs);
                rules.apply(group.sequences().get(beam), logprobs);
                search.offer(beam, logprobs);
            }
            if (search.advance()) {
                group.goOn(search);
                metrics.generated(search.running());
            } else {
                scheduler.end(group, new Found(search.answers()));
            }
        } catch (RuntimeException failure) {
            scheduler.end(
                    group, new Failed(new TandemException(ErrorCode.INTERNAL, null, "the search failed", failure)));
        }
    }
}
