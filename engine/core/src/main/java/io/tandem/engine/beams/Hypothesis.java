package io.tandem.engine.beams;

/**
 * An answer that a search has found. Immutable; the array is not to be changed.
 *
 * @param tokens that were generated, the stop token included when one ended it
 * @param score sum of their log probabilities, divided by their number to the power of the length penalty
 * @param stopped whether a stop token ended it, and not the limit
 */
public record Hypothesis(int[] tokens, float score, boolean stopped) {}
