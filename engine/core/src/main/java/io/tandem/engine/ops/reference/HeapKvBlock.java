package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvShape;

/** A segment's keys and values as [layers][tokens, G*h]. */
final class HeapKvBlock implements KvBlock {

    private final int capacity;
    private final KvShape shape;
    private final float[][] keys;
    private final float[][] values;

    HeapKvBlock(KvShape shape, int tokens) {
        this.capacity = tokens;
        this.shape = shape;
        int length = Math.multiplyExact(tokens, shape.columns());
        this.keys = new float[shape.layers()][length];
        this.values = new float[shape.layers()][length];
    }

    float[] keys(int layer) {
        return keys[layer];
    }

    float[] values(int layer) {
        return values[layer];
    }

    int start(int token) {
        return token * shape.columns();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public long bytes() {
        return capacity * shape.bytesPerToken();
    }

    @Override
    public void close() {
        // The garbage collector takes the arrays.
    }
}
