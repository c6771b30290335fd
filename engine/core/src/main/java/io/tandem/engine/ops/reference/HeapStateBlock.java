package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.StateBlock;

/** A segment's states [tokens, d] and the factors of its keys' norms [layers][tokens, G]. */
final class HeapStateBlock implements StateBlock {

    private final int capacity;
    private final int hiddenSize;
    private final KvShape shape;
    private final float[] states;
    private final float[][] keyScales;

    HeapStateBlock(KvShape shape, int hiddenSize, int tokens) {
        this.capacity = tokens;
        this.hiddenSize = hiddenSize;
        this.shape = shape;
        this.states = new float[Math.multiplyExact(tokens, hiddenSize)];
        this.keyScales = new float[shape.layers()][Math.multiplyExact(tokens, shape.kvHeads())];
    }

    float[] states() {
        return states;
    }

    int start(int token) {
        return token * hiddenSize;
    }

    int kvHeads() {
        return shape.kvHeads();
    }

    float keyScale(int layer, int token, int kvHead) {
        return keyScales[layer][token * shape.kvHeads() + kvHead];
    }

    void keyScale(int layer, int token, int kvHead, float scale) {
        keyScales[layer][token * shape.kvHeads() + kvHead] = scale;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public long bytes() {
        return capacity * shape.stateBytesPerToken(hiddenSize);
    }

    @Override
    public void close() {
        // The garbage collector takes the arrays.
    }
}
