package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import java.util.List;

/**
 * Projects encoder states into the keys and values of every decoder layer: normalised, without RoPE, so that they hold for
 * any sequence that reads them.
 *
 * <p>Its activations belong to the thread that fills a block.
 */
public final class EncoderProjection implements AutoCloseable {

    private final Ops ops;
    private final List<TextLayer> layers;
    private final Tensor states; // [rows, d]
    private final Tensor k; // [rows, G*h]
    private final Tensor v; // [rows, G*h]

    EncoderProjection(Ops ops, TextStack decoder) {
        KvShape shape = Decoder.kvShape(decoder.config());
        this.ops = ops;
        this.layers = decoder.layers();
        this.states = ops.tensor(0, decoder.config().hiddenSize());
        this.k = ops.tensor(0, shape.columns());
        this.v = ops.tensor(0, shape.columns());
    }

    /**
     * Appends the next tokens of a segment.
     *
     * @param block room for the segment
     * @param firstToken tokens it has already
     * @param values states, row-major
     * @param firstRow which of them is the first to append
     * @param rows how many
     */
    public void append(KvBlock block, int firstToken, float[] values, int firstRow, int rows) {
        states.resize(rows);
        k.resize(rows);
        v.resize(rows);
        ops.write(states, 0, values, Math.multiplyExact(firstRow, states.columns()), rows);
        for (int layer = 0; layer < layers.size(); layer++) {
            TextLayer.Attention attention = layers.get(layer).attention();
            ops.matmul(states, attention.k(), Epilogue.NONE, k);
            ops.matmul(states, attention.v(), Epilogue.NONE, v);
            ops.headNormRope(k, attention.kNorm(), null, null);
            ops.appendEncoder(block, layer, firstToken, k, v);
        }
    }

    @Override
    public void close() {
        states.close();
        k.close();
        v.close();
    }
}
