package io.tandem.engine.model;

import io.tandem.engine.ops.Absorption;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Rope;
import io.tandem.engine.ops.Weight;

/**
 * Weights and constants of one layer of the encoder or the decoder: both sides have the same ones.
 *
 * @param preAttention norm before the attention
 * @param attention projections; in the decoder they serve its own tokens and the encoder's alike
 * @param postAttention norm of what the attention adds
 * @param preFeedforward norm before the MLP
 * @param mlp gated MLP
 * @param postFeedforward norm of what the MLP adds
 * @param window config key {@code sliding_window} where the layer slides, {@link #UNBOUNDED} where it sees everything
 */
record TextLayer(
        RmsNorm preAttention,
        Attention attention,
        RmsNorm postAttention,
        RmsNorm preFeedforward,
        GatedMlp mlp,
        RmsNorm postFeedforward,
        int window) {

    /** The window of a full layer. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /**
     * Projections of an attention layer.
     *
     * @param shape heads
     * @param q [H*h, d]
     * @param k [G*h, d]
     * @param v [G*h, d]
     * @param o [d, H*h]
     * @param qNorm over h
     * @param kNorm over h
     * @param rope how a position turns q and k
     * @param absorption in the decoder how it attends to encoder states as they are, null in the encoder
     */
    record Attention(
            AttentionShape shape,
            Weight q,
            Weight k,
            Weight v,
            Weight o,
            RmsNorm qNorm,
            RmsNorm kNorm,
            Rope rope,
            Absorption absorption) {}

    /**
     * {@code down(gelu_tanh(gate(x)) * up(x))}.
     *
     * @param gate [f, d]
     * @param up [f, d]
     * @param down [d, f]
     */
    record GatedMlp(Weight gate, Weight up, Weight down) {}
}
