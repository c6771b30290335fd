package io.tandem.engine.ops;

/**
 * Heads of one attention layer; query head {@code j} reads key/value head {@code j / (heads / kvHeads)}.
 *
 * @param heads query heads H
 * @param kvHeads key/value heads G
 * @param headDim values a head h
 * @param scale factor on every score
 */
public record AttentionShape(int heads, int kvHeads, int headDim, float scale) {

    /** Values of a query row: H * h. */
    public int queryColumns() {
        return heads * headDim;
    }

    /** Values of a key or value row: G * h. */
    public int kvColumns() {
        return kvHeads * headDim;
    }
}
