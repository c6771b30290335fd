package io.tandem.engine.model;

import io.tandem.engine.config.VisionConfig;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Patches;
import io.tandem.engine.ops.Tensor;
import java.util.List;

/**
 * The vision tower's activations of one image or of one piece of a pass, kept from pass to pass.
 *
 * <p>Mutable; owned by one tower and used by its thread.
 */
final class VisionScratch implements AutoCloseable {

    final Patches patches;
    final Tensor pixels; // [1, 3 * side * side]
    final Tensor patchValues; // [patches, 3 * patch * patch]
    final Tensor embedded; // [patches, d]
    final Tensor states; // [rows, d], the residual stream
    final Tensor normalised; // [rows, d]
    final Tensor q; // [rows, d]; keys and values on their way, too
    final Tensor attended; // [rows, d]
    final Tensor wide; // [rows, f]
    final Tensor pooled; // [images * tokensPerImage, d]
    final Tensor softTokens; // [images * tokensPerImage, text d]

    VisionScratch(Ops ops, VisionConfig config, int softTokenColumns) {
        int width = config.hiddenSize();
        patches = new Patches(config.channels(), config.patchSize(), config.patchesPerSide());
        pixels = ops.tensor(0, config.channels() * patches.side() * patches.side());
        patchValues = ops.tensor(0, patches.patchValues());
        embedded = ops.tensor(0, width);
        states = ops.tensor(0, width);
        normalised = ops.tensor(0, width);
        q = ops.tensor(0, width);
        attended = ops.tensor(0, width);
        wide = ops.tensor(0, config.intermediateSize());
        pooled = ops.tensor(0, width);
        softTokens = ops.tensor(0, softTokenColumns);
    }

    /** Makes room for a piece of {@code rows} rows. */
    void resize(int rows) {
        for (Tensor tensor : List.of(states, normalised, q, attended, wide)) {
            tensor.resize(rows);
        }
    }

    @Override
    public void close() {
        for (Tensor tensor :
                List.of(pixels, patchValues, embedded, states, normalised, q, attended, wide, pooled, softTokens)) {
            tensor.close();
        }
    }
}
