package io.tandem.engine.cpu;

import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.StateBlock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Encoder states of one segment in native memory: first the states, [tokens, paddedHiddenSize], then the factors of their keys'
 * norms, [layers, kvHeads, tokens]. Filled once by one thread at a time, then read by many.
 */
final class CpuStateBlock implements StateBlock {

    private final KvShape shape;
    private final int hiddenSize;
    private final int tokens;
    private final Arena arena;
    private final MemorySegment memory;
    private final int[] scaled;
    private int stored;

    CpuStateBlock(KvShape shape, int hiddenSize, int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("a block needs at least 1 token, got " + tokens);
        }
        this.shape = shape;
        this.hiddenSize = hiddenSize;
        this.tokens = tokens;
        scaled = new int[shape.layers()];
        arena = Arena.ofShared();
        memory = HugePages.allocate(arena, keyScale(shape.layers(), 0, 0));
    }

    static CpuStateBlock of(StateBlock block) {
        if (block instanceof CpuStateBlock own) {
            return own;
        }
        throw new IllegalArgumentException("the block was made by another backend: "
                + (block == null ? "null" : block.getClass().getName()));
    }

    MemorySegment memory() {
        return memory;
    }

    KvShape shape() {
        return shape;
    }

    int hiddenSize() {
        return hiddenSize;
    }

    /** Floats a state takes: a whole number of virtual vectors, those behind the state's own 0. */
    int paddedHiddenSize() {
        return Lanes.roundUp(hiddenSize, Lanes.VIRTUAL);
    }

    /** Where the state of {@code token} starts, in bytes. */
    long state(int token) {
        return (long) token * paddedHiddenSize() * Float.BYTES;
    }

    /** Where the factor of {@code token} is, in bytes; those of the tokens after it follow. */
    long keyScale(int layer, int head, int token) {
        return state(tokens) + (((long) layer * shape.kvHeads() + head) * tokens + token) * Float.BYTES;
    }

    /** Stores the states of the tokens from {@code firstToken} on; tokens come in order. */
    void appendStates(int firstToken, CpuTensor states) {
        Checks.columns("states", states, hiddenSize);
        checkNext("the block", stored, firstToken, states.rows());
        for (int row = 0; row < states.rows(); row++) {
            MemorySegment.copy(
                    states.data(), row * hiddenSize, memory, CpuKv.FLOAT, state(firstToken + row), hiddenSize);
        }
        stored = firstToken + states.rows();
    }

    /** Stores the factors of the tokens from {@code firstToken} on; tokens come in order. */
    void appendKeyScales(int layer, int firstToken, CpuTensor k, float epsilon, WorkerPool pool) {
        Checks.index("layer", layer, shape.layers());
        Checks.columns("k", k, shape.columns());
        checkNext("layer " + layer, scaled[layer], firstToken, k.rows());
        int headDim = shape.headDim();
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.runAlone(k.rows(), (row, scratch) -> {
                for (int head = 0; head < shape.kvHeads(); head++) {
                    int at = row * k.columns() + head * headDim;
                    float squares = VectorMath.squares(k.data(), at, headDim, 0.0f, scratch.lanes);
                    float scale = (float) (1.0 / Math.sqrt(squares / headDim + epsilon));
                    memory.set(CpuKv.FLOAT, keyScale(layer, head, firstToken + row), scale);
                }
            });
        }
        scaled[layer] = firstToken + k.rows();
    }

    private void checkNext(String where, int has, int firstToken, int rows) {
        if (firstToken != has) {
            throw new IllegalArgumentException(
                    "%s has %d tokens, can't go on at token %d".formatted(where, has, firstToken));
        }
        if (rows > tokens - firstToken) {
            throw new IllegalArgumentException(
                    "%d tokens don't fit in a block of %d".formatted((long) firstToken + rows, tokens));
        }
    }

    /** Refuses to be read before every token is there with its factors in the layer. */
    void checkFilled(int layer) {
        if (stored < tokens || scaled[layer] < tokens) {
            throw new IllegalStateException("layer %d of the encoder block has %d of %d tokens"
                    .formatted(layer, Math.min(stored, scaled[layer]), tokens));
        }
    }

    @Override
    public int capacity() {
        return tokens;
    }

    @Override
    public long bytes() {
        return memory.byteSize();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
