package io.tandem.engine.model;

import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import java.util.List;

/**
 * Prepares encoder states to be attended to as they are: of each decoder layer's keys it keeps what their norm comes to, so that
 * nothing but the states themselves is needed later.
 *
 * <p>Its activations belong to the thread that fills a block.
 */
public final class EncoderAbsorption implements AutoCloseable {

    private final Ops ops;
    private final List<TextLayer> layers;
    private final Tensor states; // [rows, d]
    private final Tensor k; // [rows, G*h]

    EncoderAbsorption(Ops ops, TextStack decoder) {
        this.ops = ops;
        this.layers = decoder.layers();
        this.states = ops.tensor(0, decoder.config().hiddenSize());
        this.k = ops.tensor(0, Decoder.kvShape(decoder.config()).columns());
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
    public void append(StateBlock block, int firstToken, float[] values, int firstRow, int rows) {
        states.resize(rows);
        k.resize(rows);
        ops.write(states, 0, values, Math.multiplyExact(firstRow, states.columns()), rows);
        ops.appendStates(block, firstToken, states);
        for (int layer = 0; layer < layers.size(); layer++) {
            TextLayer.Attention attention = layers.get(layer).attention();
            ops.matmul(states, attention.k(), Epilogue.NONE, k);
            ops.appendKeyScales(block, layer, firstToken, k, attention.kNorm().epsilon());
        }
    }

    @Override
    public void close() {
        states.close();
        k.close();
    }
}
