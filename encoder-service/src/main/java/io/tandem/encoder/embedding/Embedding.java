package io.tandem.encoder.embedding;

/**
 * A text as a vector.
 *
 * @param values [hiddenSize], the mean of the text's encoder states; not to be changed
 * @param tokens that the mean was taken over
 * @param cached false if the states were computed for this call
 */
public record Embedding(float[] values, int tokens, boolean cached) {}
