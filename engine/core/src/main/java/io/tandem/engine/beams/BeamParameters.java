package io.tandem.engine.beams;

import io.tandem.engine.InvalidInputException;

/**
 * How a beam search goes. Immutable.
 *
 * @param width beams that go on, and hypotheses that are kept, at least 2; transformers' {@code num_beams}
 * @param answers hypotheses that are wanted, from 1 to the width
 * @param lengthPenalty a hypothesis' score is the sum of its log probabilities divided by its length to this power
 * @param earlyStopping when the search is over
 */
public record BeamParameters(int width, int answers, float lengthPenalty, EarlyStopping earlyStopping) {

    /** Farther from 0 the powers of a long answer's length would overflow. */
    private static final float LARGEST_PENALTY = 10;

    /** @throws InvalidInputException if a value is out of range */
    public BeamParameters {
        if (width < 2) {
            throw new InvalidInputException("best_of", "best_of is " + width + "; a beam search is at least 2 wide");
        }
        if (answers < 1 || answers > width) {
            throw new InvalidInputException(
                    "n",
                    "n is " + answers + "; a beam search that is " + width + " wide has from 1 to so many answers");
        }
        if (!(Math.abs(lengthPenalty) <= LARGEST_PENALTY)) {
            throw new InvalidInputException(
                    "length_penalty", "length_penalty is " + lengthPenalty + "; it must be from -10 to 10");
        }
    }
}
