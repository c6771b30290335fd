package io.tandem.bench;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.speculation.GuessPace;
import io.tandem.engine.speculation.GuessRates;
import io.tandem.engine.speculation.PromptLookup;
import io.tandem.engine.speculation.StepPrices;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Generates one answer greedily, with or without guesses, as the decoder service does it. Used by one thread. */
final class LookupLoop {

    private final DecoderRunner runner;
    private final DecoderStep step;
    private final DecoderStep.Asked[] asked;
    private final GuessPace.Step alone;
    private final GuessRates rates = new GuessRates();

    /** @param prices for 1 row and as many more as are guessed at most */
    LookupLoop(DecoderRunner runner, StepPrices prices) {
        this.runner = runner;
        this.step = runner.newStep();
        this.alone = new GuessPace.Step(prices, 1, 1);
        this.asked = new DecoderStep.Asked[prices.mostRows()];
        Arrays.setAll(asked, guesses -> new DecoderStep.Asked(1 + guesses, false));
    }

    /**
     * An answer and what it took.
     *
     * @param tokens without the start token
     * @param proposed tokens that were guessed
     * @param accepted rightly
     */
    record Answer(int[] tokens, int steps, int proposed, int accepted) {}

    /**
     * Writes an answer.
     *
     * @param source what is guessed from
     * @param guessing whether anything is guessed
     * @param stops end the answer
     */
    Answer run(List<EncoderMemory> memories, int[] source, boolean guessing, Set<Integer> stops, int maxTokens) {
        PromptLookup lookup = new PromptLookup(source, 1);
        GuessPace pace = new GuessPace(rates);
        int[] tokens = new int[1 + maxTokens];
        tokens[0] = runner.startToken();
        int length = 1;
        int steps = 0;
        int proposed = 0;
        int accepted = 0;
        try (DecoderSequence sequence = runner.sequence(memories)) {
            boolean open = true;
            while (open) {
                int limit = guessing ? Math.min(asked.length - 1, maxTokens - length) : 0;
                int found = limit > 0 ? lookup.guess(tokens, length, limit) : 0;
                int guesses = pace.worth(found, lookup.matched(), alone);
                read(sequence, tokens, length - 1, guesses);
                steps++;
                int right = 0;
                boolean wasGuessed;
                do {
                    int token = step.argmax(0, right);
                    wasGuessed = right < guesses && tokens[length] == token;
                    tokens[length++] = token;
                    open = length <= maxTokens && !stops.contains(token);
                    right += wasGuessed && open ? 1 : 0;
                } while (wasGuessed && open);
                if (guesses > 0) {
                    pace.verified(guesses, lookup.matched(), right);
                    sequence.truncate(Math.min(sequence.length(), length - 1));
                }
                proposed += guesses;
                accepted += right;
            }
        }
        return new Answer(Arrays.copyOfRange(tokens, 1, length), steps, proposed, accepted);
    }

    private void read(DecoderSequence sequence, int[] tokens, int offset, int guesses) {
        if (!sequence.reserve(1 + guesses)) {
            throw new IllegalStateException("the bench made too few pages");
        }
        step.clear();
        step.add(sequence, tokens, offset, 1 + guesses, asked[guesses]);
        runner.run(step);
    }
}
