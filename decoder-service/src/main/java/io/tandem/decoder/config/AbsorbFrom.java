package io.tandem.decoder.config;

/**
 * From how many tokens on a segment is kept as its encoder states: a number or {@code never}. Immutable.
 *
 * @param tokens at least 1; {@link Integer#MAX_VALUE} for never
 */
public record AbsorbFrom(int tokens) {

    /** No segment, whatever its length. */
    public static final AbsorbFrom NEVER = new AbsorbFrom(Integer.MAX_VALUE);

    /** Refuses what is no length. */
    public AbsorbFrom {
        if (tokens < 1) {
            throw new IllegalArgumentException(
                    "tandem.decoder.absorb-from is " + tokens + "; it must be at least 1, or never");
        }
    }

    /**
     * Reads a setting; the configuration library finds this method by its name.
     *
     * @throws IllegalArgumentException if the text is neither a number nor {@code never}
     */
    public static AbsorbFrom parse(CharSequence text) {
        String given = text.toString().strip();
        if (given.equalsIgnoreCase("never")) {
            return NEVER;
        }
        try {
            return new AbsorbFrom(Integer.parseInt(given));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "tandem.decoder.absorb-from is '" + given + "'; it must be a number of tokens, or never", e);
        }
    }
}
