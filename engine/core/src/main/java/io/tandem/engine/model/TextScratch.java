package io.tandem.engine.model;

import io.tandem.engine.config.TextConfig;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;

/**
 * The activations of a pass through a text stack, kept from pass to pass.
 *
 * <p>Mutable; owned by one forward pass and used by its thread.
 */
final class TextScratch implements AutoCloseable {

    final Tensor states; // [rows, d], the residual stream
    final Tensor normalised; // [rows, d]
    final Tensor added; // [rows, d], what a block adds to the residual stream
    final Tensor q; // [rows, H*h]
    final Tensor k; // [rows, G*h]
    final Tensor v; // [rows, G*h]
    final Tensor attended; // [rows, H*h]
    final Tensor gated; // [rows, f]

    TextScratch(Ops ops, TextConfig config) {
        int queryColumns = config.heads() * config.headDim();
        int kvColumns = config.kvHeads() * config.headDim();
        states = ops.tensor(0, config.hiddenSize());
        normalised = ops.tensor(0, config.hiddenSize());
        added = ops.tensor(0, config.hiddenSize());
        q = ops.tensor(0, queryColumns);
        k = ops.tensor(0, kvColumns);
        v = ops.tensor(0, kvColumns);
        attended = ops.tensor(0, queryColumns);
        gated = ops.tensor(0, config.intermediateSize());
    }

    /** Makes room for {@code rows} rows. */
    void resize(int rows) {
        for (Tensor tensor : all()) {
            tensor.resize(rows);
        }
    }

    @Override
    public void close() {
        for (Tensor tensor : all()) {
            tensor.close();
        }
    }

    private Tensor[] all() {
        return new Tensor[] {states, normalised, added, q, k, v, attended, gated};
    }
}
