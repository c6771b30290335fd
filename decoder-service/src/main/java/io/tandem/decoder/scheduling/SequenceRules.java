package io.tandem.decoder.scheduling;

import io.tandem.decoder.scheduling.GenerationRequest.Extras;
import io.tandem.engine.sampling.LogitAdjuster;

/** Applies what a request says of its tokens' logits to those of one position. Mutable scratch space; confined to the step thread. */
final class SequenceRules {

    private final LogitAdjuster adjuster;

    SequenceRules(int vocabularySize) {
        this.adjuster = new LogitAdjuster(vocabularySize);
    }

    /** @param logits [vocabulary] of the sequence's next token */
    void apply(Sequence sequence, float[] logits) {
        GenerationRequest request = sequence.generation().request();
        Extras extras = request.extras();
        if (extras.rules().active()) {
            adjuster.apply(extras.rules(), logits, sequence.tokens(), sequence.firstNew(), sequence.length());
        }
        if (sequence.generated() < extras.minTokens()) {
            LogitAdjuster.forbid(logits, request.stopTokens());
        }
    }
}
