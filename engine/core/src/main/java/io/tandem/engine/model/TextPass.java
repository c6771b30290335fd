package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/** A pass of texts through the encoder. Mutable; used by the encoder's thread. */
public final class TextPass extends LayerPass {

    private final Ops ops;
    private final TextStack stack;
    private final TextScratch piece;
    private final Encoder.Text text;
    private final int[] positions;

    TextPass(Encoder.Parts parts, Encoder.Text text, Trace trace) {
        super(text.segments(), parts.pool(), parts.work(), trace);
        this.ops = parts.ops();
        this.stack = parts.stack();
        this.piece = parts.piece();
        this.text = text;
        this.positions = positions(text.segments());
    }

    /** When the pass is done: states [rows, d], valid until it is closed. */
    public Tensor states() {
        return whole().states;
    }

    @Override
    Ops ops() {
        return ops;
    }

    @Override
    int embeddedTogether() {
        return MOST_ROWS;
    }

    @Override
    void embed(int from, int count) {
        piece.resize(count);
        ops.embed(stack.embedding(), Arrays.copyOfRange(text.tokens(), from, from + count), piece.states);
        ops.copyRows(piece.states, 0, states(), from, count);
        if (from + count == states().rows()) {
            text.replacement().replace(states());
        }
    }

    @Override
    void keys(int layer, int from, int count) {
        TextLayer.Attention attention = stack.layers().get(layer).attention();
        fetchNormalised(layer, from, count);
        ops.matmul(piece.normalised, attention.k(), Epilogue.NONE, piece.k);
        ops.matmul(piece.normalised, attention.v(), Epilogue.NONE, piece.v);
        ops.headNormRope(piece.k, attention.kNorm(), attention.rope(), positionsOf(from, count));
        ops.copyRows(piece.k, 0, whole().k, from, count);
        ops.copyRows(piece.v, 0, whole().v, from, count);
    }

    /** {@code states += post_attn_norm(attention(pre_attn_norm(states)))}, then the MLP. */
    @Override
    void attend(int layer, int from, int count) {
        TextLayer weights = stack.layers().get(layer);
        TextLayer.Attention attention = weights.attention();
        fetchNormalised(layer, from, count);
        ops.matmul(piece.normalised, attention.q(), Epilogue.NONE, piece.q);
        ops.headNormRope(piece.q, attention.qNorm(), attention.rope(), positionsOf(from, count));
        Reach reach = weights.window() == TextLayer.UNBOUNDED ? Reach.ALL : Reach.encoderWindow(weights.window());
        ops.selfAttention(new SelfAttention(whole().kv, reach, from, piece.q), piece.attended);
        ops.matmul(piece.attended, attention.o(), Epilogue.NONE, piece.added);
        ops.addRmsNorm(piece.states, piece.added, weights.postAttention());
        Feedforward.apply(ops, weights, piece);
        ops.copyRows(piece.states, 0, states(), from, count);
    }

    private void fetchNormalised(int layer, int from, int count) {
        piece.resize(count);
        ops.copyRows(states(), from, piece.states, 0, count);
        ops.rmsNorm(piece.states, stack.layers().get(layer).preAttention(), piece.normalised);
    }

    @Override
    void normalise(int from, int count) {
        piece.resize(count);
        ops.copyRows(states(), from, piece.states, 0, count);
        ops.rmsNorm(piece.states, stack.norm(), piece.normalised);
        ops.copyRows(piece.normalised, 0, states(), from, count);
    }

    private int[] positionsOf(int from, int count) {
        return Arrays.copyOfRange(positions, from, from + count);
    }

    private static int[] positions(Segments segments) {
        int[] positions = new int[segments.rows()];
        for (int segment = 0; segment < segments.count(); segment++) {
            for (int i = 0; i < segments.length(segment); i++) {
                positions[segments.start(segment) + i] = i;
            }
        }
        return positions;
    }
}
