package io.tandem.engine.sampling;

import io.tandem.engine.InvalidInputException;

/**
 * What is added to the logits of some tokens. Immutable; the arrays are not to be changed.
 *
 * @param tokens ids, each once
 * @param values what is added to the logit of the token in the same place, from -100 to 100
 */
public record LogitBias(int[] tokens, float[] values) {

    /** Nothing is added to anything. */
    public static final LogitBias NONE = new LogitBias(new int[0], new float[0]);

    /** OpenAI's bound: more than any model's logits are apart, so that it forbids or forces. */
    private static final float LARGEST = 100;

    /** @throws InvalidInputException if a value is out of range */
    public LogitBias {
        if (tokens.length != values.length) {
            throw new IllegalArgumentException(tokens.length + " tokens have " + values.length + " values");
        }
        for (int i = 0; i < tokens.length; i++) {
            if (!(Math.abs(values[i]) <= LARGEST)) {
                throw new InvalidInputException(
                        "logit_bias",
                        "logit_bias of the token " + tokens[i] + " is " + values[i] + "; it must be from -100 to 100");
            }
        }
    }

    boolean isEmpty() {
        return tokens.length == 0;
    }
}
