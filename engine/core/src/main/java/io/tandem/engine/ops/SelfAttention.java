package io.tandem.engine.ops;

/**
 * Inputs of attention inside each segment of a ragged batch, both ways.
 *
 * @param shape heads
 * @param segments which rows belong together
 * @param reach how far a token sees inside its segment
 * @param q [rows, H*h]
 * @param k [rows, G*h]
 * @param v [rows, G*h]
 */
public record SelfAttention(AttentionShape shape, Segments segments, Reach reach, Tensor q, Tensor k, Tensor v) {}
