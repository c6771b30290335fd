package io.tandem.engine.ops;

/**
 * Inputs of attention inside each segment of a ragged batch, both ways, for a run of its rows.
 *
 * @param kv keys and values of the whole batch
 * @param reach how far a token sees inside its segment
 * @param firstRow row of the batch that the first query belongs to
 * @param q [queries, H*h]
 */
public record SelfAttention(AttentionKv kv, Reach reach, int firstRow, Tensor q) {}
