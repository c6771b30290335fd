package io.tandem.engine.cpu;

import io.tandem.engine.ops.KvShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Layout of keys and values in native memory: for each layer and head first the keys in panels of tokens, [panel, headDim,
 * panelTokens], then the values, [tokens, paddedHeadDim]. A panel of keys is what a kernel multiplies a query with, the values
 * are what it multiplies weights with, so that neither is copied for a step.
 *
 * @param shape layers, heads and their size
 * @param tokens tokens a head has room for
 * @param panelTokens tokens of a panel, a multiple of 16
 */
record CpuKv(KvShape shape, int tokens, int panelTokens) {

    /** Keys and values are written one by one, wherever they lie. */
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Floats a row of values takes: a whole number of vectors of any width. */
    int paddedHeadDim() {
        return Lanes.roundUp(shape.headDim(), Lanes.VIRTUAL);
    }

    private int panels() {
        return Math.ceilDiv(tokens, panelTokens);
    }

    private long keyFloats() {
        return (long) panels() * shape.headDim() * panelTokens;
    }

    private long headFloats() {
        return keyFloats() + (long) tokens * paddedHeadDim();
    }

    /** Bytes for all layers and heads. */
    long bytes() {
        return headFloats() * shape.layers() * shape.kvHeads() * Float.BYTES;
    }

    /** Where the panel of keys that holds {@code token} starts, in bytes. */
    long keyPanel(int layer, int head, int token) {
        return headStart(layer, head) + (long) (token / panelTokens) * shape.headDim() * panelTokens * Float.BYTES;
    }

    /** Where the value row of {@code token} starts, in bytes. */
    long value(int layer, int head, int token) {
        return headStart(layer, head) + (keyFloats() + (long) token * paddedHeadDim()) * Float.BYTES;
    }

    private long headStart(int layer, int head) {
        return ((long) layer * shape.kvHeads() + head) * headFloats() * Float.BYTES;
    }

    /** Stores key and value of one token in one layer; {@code row} is the token's row in k and v [rows, G*h]. */
    void store(MemorySegment memory, int layer, int token, CpuTensor k, CpuTensor v, int row) {
        int headDim = shape.headDim();
        for (int head = 0; head < shape.kvHeads(); head++) {
            int source = row * k.columns() + head * headDim;
            long key = keyPanel(layer, head, token) + (long) (token % panelTokens) * Float.BYTES;
            long value = value(layer, head, token);
            for (int i = 0; i < headDim; i++) {
                memory.set(FLOAT, key + (long) i * panelTokens * Float.BYTES, k.data()[source + i]);
            }
            MemorySegment.copy(v.data(), source, memory, FLOAT, value, headDim);
        }
    }

    /** Refuses tensors that don't fit: k and v have the columns of the shape and {@code rows} rows. */
    void check(int layer, int rows, CpuTensor k, CpuTensor v) {
        Checks.index("layer", layer, shape.layers());
        Checks.shape("k", k, rows, shape.columns());
        Checks.shape("v", v, rows, shape.columns());
    }
}
