package io.tandem.engine.model;

import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.Tensor;

/**
 * The bidirectional encoder (spec: T5Gemma 2, arXiv 2512.14856, section 2).
 *
 * <p>Weights are immutable; the activations belong to the one thread that runs passes.
 */
public final class Encoder implements AutoCloseable {

    private final Parts parts;
    private Trace trace = Trace.NONE;

    /**
     * What all passes use.
     *
     * @param piece activations of the piece that is being computed
     * @param pool activations of open passes
     */
    record Parts(Ops ops, TextStack stack, PassWork work, TextScratch piece, WholeRows.Pool pool) {}

    /**
     * Texts that lie one after the other.
     *
     * @param tokens [rows], all segments
     * @param segments which rows belong together
     * @param replacement puts image soft tokens in place
     */
    public record Text(int[] tokens, Segments segments, Replacement replacement) {}

    Encoder(Ops ops, TextStack stack) {
        TextConfig config = stack.config();
        this.parts = new Parts(
                ops,
                stack,
                work(stack),
                new TextScratch(ops, config),
                new WholeRows.Pool(
                        ops,
                        config.hiddenSize(),
                        stack.layers().getFirst().attention().shape()));
    }

    private static PassWork work(TextStack stack) {
        TextConfig config = stack.config();
        long hidden = config.hiddenSize();
        long queryColumns = (long) config.heads() * config.headDim();
        long kvColumns = (long) config.kvHeads() * config.headDim();
        return new PassWork(
                PassWork.MOVE * hidden,
                2 * hidden * kvColumns,
                2 * PassWork.MOVE * kvColumns,
                2 * hidden * queryColumns + 3 * hidden * config.intermediateSize(),
                2 * queryColumns,
                PassWork.MOVE * hidden,
                stack.layers().stream().mapToInt(TextLayer::window).toArray());
    }

    /** Lets {@code observer} see the states of the passes to come. */
    public void trace(Trace observer) {
        trace = observer;
    }

    /** Values of a state, d. */
    public int hiddenSize() {
        return parts.stack().config().hiddenSize();
    }

    /** Puts vectors in place of the embeddings of some tokens. */
    @FunctionalInterface
    public interface Replacement {

        /** Overwrites rows of the embedded tokens [rows, d]. */
        void replace(Tensor embedded);
    }

    /** A pass over texts; nothing is computed yet. To be closed before the encoder. */
    public TextPass begin(Text text) {
        return new TextPass(parts, text, trace);
    }

    /** Gives back the activations; the weights belong to whoever loaded them. */
    @Override
    public void close() {
        parts.piece().close();
        parts.pool().close();
    }
}
