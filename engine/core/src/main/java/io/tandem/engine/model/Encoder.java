package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.Tensor;

/**
 * The bidirectional encoder (spec: T5Gemma 2, arXiv 2512.14856, section 2).
 *
 * <p>Weights are immutable; the activations belong to the one thread that runs passes.
 */
public final class Encoder implements AutoCloseable {

    private final Ops ops;
    private final TextStack stack;
    private final TextScratch scratch;
    private Trace trace = Trace.NONE;

    Encoder(Ops ops, TextStack stack) {
        this.ops = ops;
        this.stack = stack;
        this.scratch = new TextScratch(ops, stack.config());
    }

    /** Lets {@code trace} see the states of the passes to come. */
    public void trace(Trace observer) {
        trace = observer;
    }

    /** Values of a state, d. */
    public int hiddenSize() {
        return stack.config().hiddenSize();
    }

    /** Puts vectors in place of the embeddings of some tokens. */
    @FunctionalInterface
    public interface Replacement {

        /** Overwrites rows of the embedded tokens [rows, d]. */
        void replace(Tensor embedded);
    }

    /**
     * Encodes texts that lie one after the other.
     *
     * @param tokens [rows], all segments
     * @param segments which rows belong together
     * @param replacement puts image soft tokens in place
     * @return states [rows, d], valid until the next pass
     */
    public Tensor encode(int[] tokens, Segments segments, Replacement replacement) {
        scratch.resize(segments.rows());
        int[] positions = positions(segments);
        ops.embed(stack.embedding(), tokens, scratch.states);
        replacement.replace(scratch.states);
        trace.embedded(scratch.states);
        for (int i = 0; i < stack.layers().size(); i++) {
            TextLayer layer = stack.layers().get(i);
            attend(layer, segments, positions);
            Feedforward.apply(ops, layer, scratch);
            trace.layer(i, scratch.states);
        }
        ops.rmsNorm(scratch.states, stack.norm(), scratch.normalised);
        trace.normalised(scratch.normalised);
        return scratch.normalised;
    }

    /** {@code states += post_attn_norm(attention(pre_attn_norm(states)))}. */
    private void attend(TextLayer layer, Segments segments, int[] positions) {
        TextLayer.Attention attention = layer.attention();
        ops.rmsNorm(scratch.states, layer.preAttention(), scratch.normalised);
        ops.matmul(scratch.normalised, attention.q(), Epilogue.NONE, scratch.q);
        ops.matmul(scratch.normalised, attention.k(), Epilogue.NONE, scratch.k);
        ops.matmul(scratch.normalised, attention.v(), Epilogue.NONE, scratch.v);
        ops.headNormRope(scratch.q, attention.qNorm(), attention.rope(), positions);
        ops.headNormRope(scratch.k, attention.kNorm(), attention.rope(), positions);
        Reach reach = layer.window() == TextLayer.UNBOUNDED ? Reach.ALL : Reach.encoderWindow(layer.window());
        ops.selfAttention(
                new SelfAttention(attention.shape(), segments, reach, scratch.q, scratch.k, scratch.v),
                scratch.attended);
        ops.matmul(scratch.attended, attention.o(), Epilogue.NONE, scratch.added);
        ops.addRmsNorm(scratch.states, scratch.added, layer.postAttention());
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

    /** Gives back the activations; the weights belong to whoever loaded them. */
    @Override
    public void close() {
        scratch.close();
    }
}
