package io.tandem.engine.sampling;

import io.tandem.engine.InvalidInputException;

/**
 * How a request wants its tokens chosen. Immutable.
 *
 * @param temperature divides the logits; 0, like everything below {@link #SMALLEST_TEMPERATURE}, is greedy
 * @param topP mass of the most probable tokens to draw from, in (0, 1]; 1 is off
 * @param topK number of the most probable tokens to draw from; 0 is off
 * @param minP probability below which a token is left out, as a part of the most probable token's, in [0, 1]; 0 is off
 * @param seed makes the draws repeatable
 */
public record SamplingParameters(float temperature, float topP, int topK, float minP, long seed) {

    /** Lower temperatures are greedy, as in vLLM: they would only overflow. */
    public static final float SMALLEST_TEMPERATURE = 1e-5f;

    /** The most probable token, always. */
    public static final SamplingParameters GREEDY = new SamplingParameters(0, 1, 0, 0, 0);

    /** @throws InvalidInputException if a value is out of range */
    public SamplingParameters {
        require(temperature >= 0 && temperature <= Float.MAX_VALUE, "temperature", "0 or more", temperature);
        require(topP > 0 && topP <= 1, "top_p", "above 0 and at most 1", topP);
        require(topK >= 0, "top_k", "0 (off) or more", topK);
        require(minP >= 0 && minP <= 1, "min_p", "from 0 to 1", minP);
    }

    /** Whether the most probable token is taken without a draw. */
    public boolean greedy() {
        return temperature < SMALLEST_TEMPERATURE;
    }

    private static void require(boolean inRange, String field, String range, Number value) {
        if (!inRange) {
            throw new InvalidInputException(field, field + " is " + value + "; it must be " + range);
        }
    }
}
