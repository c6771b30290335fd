package io.tandem.decoder.scheduling;

import io.tandem.engine.sampling.SamplingParameters;

/**
 * What output to write. Immutable; the arrays are not to be changed.
 *
 * @param prefix tokens forced after the start token
 * @param maxTokens new tokens at most, at least 1
 * @param stopTokens tokens that end the output
 * @param sampling how tokens are chosen
 * @param source tokens that the encoder read, to guess from; empty if they are not known
 */
public record GenerationRequest(
        int[] prefix, int maxTokens, int[] stopTokens, SamplingParameters sampling, int[] source) {

    /** Whether this token ends the output. */
    public boolean stopsAt(int token) {
        for (int stop : stopTokens) {
            if (stop == token) {
                return true;
            }
        }
        return false;
    }

    /** Tokens whose keys and values are stored at most: start token, prefix and all new tokens but the last. */
    long storedTokens() {
        return (long) prefix.length + maxTokens;
    }
}
