package io.tandem.engine.ops;

/**
 * One layer of merged attention: one softmax over a row's own keys and all encoder keys together.
 *
 * @param layer decoder layer
 * @param shape its heads
 * @param window own key j is visible to query i when {@code 0 <= i-j < window}; {@link Integer#MAX_VALUE} on full layers
 * @param pages where the sequences' own keys and values lie
 * @param absorption how {@linkplain StateBlock states} are attended to; null where there are none
 */
public record MergedAttention(int layer, AttentionShape shape, int window, KvPages pages, Absorption absorption) {

    /** For sequences that read keys and values only. */
    public MergedAttention(int layer, AttentionShape shape, int window, KvPages pages) {
        this(layer, shape, window, pages, null);
    }
}
