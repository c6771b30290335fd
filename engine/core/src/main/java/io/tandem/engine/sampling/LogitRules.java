package io.tandem.engine.sampling;

import io.tandem.engine.InvalidInputException;

/**
 * How logits are changed before a token is chosen, greedily too. Immutable.
 *
 * @param frequencyPenalty subtracted from a token's logit for each time that it was generated, from -2 to 2; 0 is off
 * @param presencePenalty subtracted once if it was generated, from -2 to 2; 0 is off
 * @param repetitionPenalty by which the logit of every decoder token so far, start token and prefix included, is divided if it is
 *     positive and multiplied if not, as transformers does it for an encoder-decoder; 1 is off
 * @param bias added to single logits
 */
public record LogitRules(float frequencyPenalty, float presencePenalty, float repetitionPenalty, LogitBias bias) {

    /** Logits stay as they are. */
    public static final LogitRules NONE = new LogitRules(0, 0, 1, LogitBias.NONE);

    private static final float LARGEST_PENALTY = 2;

    /** Farther from 1, logits would overflow. */
    private static final float SMALLEST_REPETITION = 0.01f;

    private static final float LARGEST_REPETITION = 100;

    /** @throws InvalidInputException if a value is out of range */
    public LogitRules {
        requireWithin(-LARGEST_PENALTY, LARGEST_PENALTY, "frequency_penalty", frequencyPenalty);
        requireWithin(-LARGEST_PENALTY, LARGEST_PENALTY, "presence_penalty", presencePenalty);
        requireWithin(SMALLEST_REPETITION, LARGEST_REPETITION, "repetition_penalty", repetitionPenalty);
    }

    /** Whether any logit may change. */
    public boolean active() {
        return penalisesGenerated() || repetitionPenalty != 1 || !bias.isEmpty();
    }

    boolean penalisesGenerated() {
        return frequencyPenalty != 0 || presencePenalty != 0;
    }

    private static void requireWithin(float least, float most, String field, float value) {
        if (!(value >= least && value <= most)) {
            throw new InvalidInputException(
                    field, field + " is " + value + "; it must be from " + least + " to " + most);
        }
    }
}
