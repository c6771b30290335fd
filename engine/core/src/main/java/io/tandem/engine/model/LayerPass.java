package io.tandem.engine.model;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Segments;

/**
 * One pass of a ragged batch through layers with attention both ways, in pieces: some rows of one step of one layer.
 *
 * <p>In each layer all keys and values come first; then each piece of rows goes through the rest of the layer by itself. Sums
 * cross rows only where queries meet keys and values, so where the cuts are changes no bit of the result, and only states, keys
 * and values are ever there for all rows.
 *
 * <p>Mutable; used by the thread of the encoder or tower that began it. Several may be open, their pieces in any order.
 */
public abstract class LayerPass implements AutoCloseable {

    /** Rows of the largest piece: products are no faster with more, and wide activations grow with it. */
    static final int MOST_ROWS = 1024;

    /** Rows of the smallest piece, unless fewer are left: the queries that attention takes together. */
    static final int FEWEST_ROWS = 64;

    private enum Step {
        EMBED,
        KEYS,
        PACK,
        ATTEND,
        NORMALISE,
        DONE
    }

    private final Segments segments;
    private final WholeRows.Pool pool;
    private final WholeRows whole;
    private final PassWork costs;
    private final Trace trace;
    private final int longest;
    private Step step = Step.EMBED;
    private int layer;
    private int row;
    private long done;
    private boolean closed;

    LayerPass(Segments segments, WholeRows.Pool pool, PassWork costs, Trace trace) {
        this.segments = segments;
        this.pool = pool;
        this.costs = costs;
        this.trace = trace;
        this.whole = pool.take(segments.rows());
        int most = 0;
        for (int i = 0; i < segments.count(); i++) {
            most = Math.max(most, segments.length(i));
        }
        this.longest = most;
    }

    final WholeRows whole() {
        return whole;
    }

    abstract Ops ops();

    /** Rows that are embedded together. */
    abstract int embeddedTogether();

    /** Puts the first states of some rows in their place. */
    abstract void embed(int from, int count);

    /** Computes the keys and values of some rows. */
    abstract void keys(int layer, int from, int count);

    /** Takes the states of some rows through the rest of the layer. */
    abstract void attend(int layer, int from, int count);

    /** Applies the last norm to the states of some rows. */
    abstract void normalise(int from, int count);

    /** What is left to do when all rows are through; nothing unless overridden. */
    void finish() {}

    /**
     * Computes the next pieces: at least one, and as many as the budget has room for.
     *
     * @param budget work to do, in multiply-adds
     * @return work done; 0 if the pass was done before
     */
    public final long advance(long budget) {
        long spent = 0;
        while (step != Step.DONE) {
            int count = pieceRows(budget);
            long cost = count * rowCost();
            if (spent > 0 && cost > budget - spent) {
                break;
            }
            compute(count);
            spent += cost;
        }
        done += spent;
        return spent;
    }

    /** True when nothing is left to compute. */
    public final boolean done() {
        return step == Step.DONE;
    }

    /** Share of the work that is left, 1 to 0. */
    public final double remaining() {
        return done() ? 0 : 1 - (double) done / costs.total(segments.rows(), longest);
    }

    private int pieceRows(long budget) {
        int left = segments.rows() - row;
        return switch (step) {
            case EMBED -> Math.min(left, embeddedTogether());
            case PACK -> left;
            case KEYS, ATTEND, NORMALISE -> {
                long fitting = Math.clamp(budget / rowCost(), FEWEST_ROWS, MOST_ROWS);
                yield (int) Math.min(left, fitting / FEWEST_ROWS * FEWEST_ROWS);
            }
            case DONE -> 0;
        };
    }

    private long rowCost() {
        return switch (step) {
            case EMBED -> costs.embed();
            case KEYS -> costs.keys();
            case PACK -> costs.pack();
            case ATTEND -> costs.attend(layer, longest);
            case NORMALISE -> costs.normalise();
            case DONE -> 0;
        };
    }

    private void compute(int count) {
        switch (step) {
            case EMBED -> embed(row, count);
            case KEYS -> keys(layer, row, count);
            case PACK -> ops().packKv(segments, whole.k, whole.v, whole.kv);
            case ATTEND -> attend(layer, row, count);
            case NORMALISE -> normalise(row, count);
            case DONE -> throw new IllegalStateException("the pass is done");
        }
        row += count;
        if (row == segments.rows()) {
            row = 0;
            enterNext();
        }
    }

    private void enterNext() {
        switch (step) {
            case EMBED -> {
                trace.embedded(whole.states);
                step = Step.KEYS;
            }
            case KEYS -> step = Step.PACK;
            case PACK -> step = Step.ATTEND;
            case ATTEND -> {
                trace.layer(layer, whole.states);
                layer++;
                step = layer == costs.layers() ? Step.NORMALISE : Step.KEYS;
            }
            case NORMALISE -> {
                trace.normalised(whole.states);
                finish();
                step = Step.DONE;
            }
            case DONE -> throw new IllegalStateException("the pass is done");
        }
    }

    /** Gives back the activations; what was computed may not be read any more. */
    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            pool.giveBack(whole);
        }
    }
}
