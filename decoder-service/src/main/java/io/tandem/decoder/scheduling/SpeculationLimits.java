package io.tandem.decoder.scheduling;

/**
 * Bounds of the tokens that are guessed. Immutable.
 *
 * @param maxGuess guesses for one sequence in a step, setting {@code tandem.decoder.speculation.max-guess}; 0: nothing is
 *     guessed
 * @param maxRows rows that a step with guesses has, setting {@code tandem.decoder.speculation.max-rows}
 */
public record SpeculationLimits(int maxGuess, int maxRows) {

    /** Nothing is guessed. */
    public static final SpeculationLimits OFF = new SpeculationLimits(0, 1);

    /** Refuses negative numbers. */
    public SpeculationLimits {
        if (maxGuess < 0) {
            throw new IllegalArgumentException(
                    "tandem.decoder.speculation.max-guess is " + maxGuess + "; it must be 0 or more");
        }
        if (maxRows < 1) {
            throw new IllegalArgumentException(
                    "tandem.decoder.speculation.max-rows is " + maxRows + "; it must be at least 1");
        }
    }
}
