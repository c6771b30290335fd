package io.tandem.decoder.scheduling;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.Outcome.Failed;
import io.tandem.decoder.scheduling.Outcome.LengthReached;
import io.tandem.decoder.scheduling.Outcome.Stopped;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.sampling.Logprobs;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.sampling.TokenLogprobs;

/**
 * Chooses each sequence's next tokens from the predictions of a step, and ends those that have their last one.
 *
 * <p>Where tokens were guessed, each is chosen as if it had not been: the most probable one, or the draw that belongs to its
 * position. While the choice equals the guess, what the step predicts behind it holds too; with the first one that doesn't, the
 * rest is forgotten. So an output is, token for token, the one that it would be without guesses, greedy or drawn; penalties don't
 * change that, as they are applied anew at every position, to what was chosen before it.
 *
 * <p>Mutable scratch space; confined to the step thread.
 */
final class TokenChooser {

    private final Scheduler scheduler;
    private final DecoderMetrics metrics;
    private final DecoderStep step;
    private final Sampler sampler;
    private final SequenceRules rules;
    private final BeamChooser beamChooser;
    private final Logprobs logprobs = new Logprobs();
    private final float[] logits; // [vocabulary]

    TokenChooser(Scheduler scheduler, DecoderMetrics metrics, DecoderStep step, Sampler sampler, int vocabularySize) {
        this.scheduler = scheduler;
        this.metrics = metrics;
        this.step = step;
        this.sampler = sampler;
        this.rules = new SequenceRules(vocabularySize);
        this.beamChooser = new BeamChooser(scheduler, metrics, step, vocabularySize);
        this.logits = new float[vocabularySize];
    }

    /** Advances every sequence of a batch whose step was run. */
    void advance(Batch batch) {
        for (int entry = 0; entry < batch.size(); entry++) {
            if (batch.generates(entry)) {
                advance(batch, entry);
            }
        }
    }

    private void advance(Batch batch, int entry) {
        SequenceGroup group = batch.group(entry);
        if (group.search().isEmpty()) {
            advance(group, batch.sequence(entry), entry, batch.guesses(entry));
        } else if (batch.beginsGroup(entry)) {
            beamChooser.advance(group, group.search().get(), entry);
        }
    }

    private void advance(SequenceGroup group, Sequence sequence, int entry, int guesses) {
        int right = 0;
        Outcome outcome = chooseNext(sequence, entry, 0);
        // What follows a token that ended the output is dropped, however right.
        while (outcome == null && right < guesses && sequence.lastWasGuessed()) {
            right++;
            outcome = chooseNext(sequence, entry, right);
        }
        if (guesses > 0) {
            metrics.speculated(guesses, right);
        }
        if (outcome != null) {
            scheduler.end(group, outcome);
        } else if (guesses > 0) {
            sequence.verified(guesses, right);
        }
    }

    /** Appends the token after the entry's {@code prediction}-th; how the output has ended with it, or null. */
    private Outcome chooseNext(Sequence sequence, int entry, int prediction) {
        GenerationRequest request = sequence.generation().request();
        int token;
        TokenLogprobs probable;
        try {
            token = choose(sequence, entry, prediction);
            probable = request.wantsLogprobs() ? logprobs(request, token, entry, prediction) : null;
        } catch (RuntimeException failure) {
            return new Failed(new TandemException(ErrorCode.INTERNAL, null, "no token could be chosen", failure));
        }
        sequence.append(token);
        sequence.generation().emit(token, probable);
        metrics.generated(1);
        if (request.stopsAt(token)) {
            return new Stopped();
        }
        return sequence.generated() == request.maxTokens() ? new LengthReached() : null;
    }

    private int choose(Sequence sequence, int entry, int prediction) {
        GenerationRequest request = sequence.generation().request();
        if (!request.readsLogits(sequence.generated())) {
            return step.argmax(entry, prediction);
        }
        step.logits(entry, prediction, logits);
        rules.apply(sequence, logits);
        return sampler.sample(logits, request.sampling(), sequence.length());
    }

    private TokenLogprobs logprobs(GenerationRequest request, int token, int entry, int prediction) {
        // Read anew: those from which the token was chosen may have been changed.
        step.logits(entry, prediction, logits);
        return logprobs.of(logits, token, request.extras().logprobs());
    }
}
