package io.tandem.engine.sampling;

/**
 * How probable the model found a token, and what it found most probable in its place. Immutable; the arrays are not to be changed.
 *
 * @param logprob natural logarithm of the token's probability
 * @param top ids of the most probable tokens, best first, of equals the lowest id first
 * @param topLogprobs theirs
 */
public record TokenLogprobs(float logprob, int[] top, float[] topLogprobs) {}
