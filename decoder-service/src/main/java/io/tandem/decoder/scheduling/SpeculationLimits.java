package io.tandem.decoder.scheduling;

import java.util.OptionalDouble;

/**
 * Bounds of the tokens that are guessed. Immutable.
 *
 * @param maxGuess guesses for one sequence in a step, setting {@code tandem.decoder.speculation.max-guess}; 0: nothing is
 *     guessed
 * @param maxRows rows that a step with guesses has, setting {@code tandem.decoder.speculation.max-rows}
 * @param rowPrice what a guess adds to a step, as a share of a step without any, setting
 *     {@code tandem.decoder.speculation.row-price}; measured while serving if there is none
 */
public record SpeculationLimits(int maxGuess, int maxRows, OptionalDouble rowPrice) {

    /** Nothing is guessed. */
    public static final SpeculationLimits OFF = new SpeculationLimits(0, 1, OptionalDouble.empty());

    /** Refuses numbers that are too small. */
    public SpeculationLimits {
        if (maxGuess < 0) {
            throw new IllegalArgumentException(
                    "tandem.decoder.speculation.max-guess is " + maxGuess + "; it must be 0 or more");
        }
        if (maxRows < 1) {
            throw new IllegalArgumentException(
                    "tandem.decoder.speculation.max-rows is " + maxRows + "; it must be at least 1");
        }
        if (!(rowPrice.orElse(0) >= 0)) {
            throw new IllegalArgumentException("tandem.decoder.speculation.row-price is " + rowPrice.getAsDouble()
                    + "; it must be 0 or more, or be left out");
        }
    }
}
