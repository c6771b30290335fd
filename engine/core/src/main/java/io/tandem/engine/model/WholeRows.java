package io.tandem.engine.model;

import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a pass in pieces must keep of all its rows; everything wider is kept for one piece only.
 *
 * <p>Mutable; owned by one pass and used by its thread.
 */
final class WholeRows implements AutoCloseable {

    final Tensor states; // [rows, d], the residual stream
    final Tensor k; // [rows, G*h]
    final Tensor v; // [rows, G*h]
    final AttentionKv kv;

    private WholeRows(Ops ops, int hiddenSize, AttentionShape shape) {
        states = ops.tensor(0, hiddenSize);
        k = ops.tensor(0, shape.kvColumns());
        v = ops.tensor(0, shape.kvColumns());
        kv = ops.attentionKv(shape);
    }

    @Override
    public void close() {
        states.close();
        k.close();
        v.close();
        kv.close();
    }

    /** Keeps the activations of small passes for the next ones. Mutable; used by the thread that runs the passes. */
    static final class Pool implements AutoCloseable {

        /** Longest pass whose activations are kept: beside one that is longer, making them anew takes no time. */
        private static final int KEPT_ROWS = 8192;

        private static final int KEPT = 4;

        private final Ops ops;
        private final int hiddenSize;
        private final AttentionShape shape;
        private final Deque<WholeRows> idle = new ArrayDeque<>();

        Pool(Ops ops, int hiddenSize, AttentionShape shape) {
            this.ops = ops;
            this.hiddenSize = hiddenSize;
            this.shape = shape;
        }

        WholeRows take(int rows) {
            WholeRows taken = idle.isEmpty() ? new WholeRows(ops, hiddenSize, shape) : idle.pop();
            taken.states.resize(rows);
            taken.k.resize(rows);
            taken.v.resize(rows);
            return taken;
        }

        void giveBack(WholeRows rows) {
            if (rows.states.rows() <= KEPT_ROWS && idle.size() < KEPT) {
                idle.push(rows);
            } else {
                rows.close();
            }
        }

        @Override
        public void close() {
            idle.forEach(WholeRows::close);
            idle.clear();
        }
    }
}
