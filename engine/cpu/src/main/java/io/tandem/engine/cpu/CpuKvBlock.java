package io.tandem.engine.cpu;

import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Encoder keys and values of one segment in native memory. Filled once by one thread at a time, then read by many. */
final class CpuKvBlock implements KvBlock {

    private final CpuKv layout;
    private final Arena arena;
    private final MemorySegment memory;
    private final int[] filled;

    CpuKvBlock(KvShape shape, int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("a block needs at least 1 token, got " + tokens);
        }
        layout = new CpuKv(shape, tokens, PackedMatrix.PANEL);
        filled = new int[shape.layers()];
        arena = Arena.ofShared();
        memory = HugePages.allocate(arena, layout.bytes());
    }

    static CpuKvBlock of(KvBlock block) {
        if (block instanceof CpuKvBlock own) {
            return own;
        }
        throw new IllegalArgumentException("the block was made by another backend: "
                + (block == null ? "null" : block.getClass().getName()));
    }

    CpuKv layout() {
        return layout;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Stores the tokens from {@code firstToken} on; tokens come in order. */
    void append(int layer, int firstToken, CpuTensor k, CpuTensor v, WorkerPool pool) {
        layout.check(layer, k.rows(), k, v);
        if (firstToken != filled[layer]) {
            throw new IllegalArgumentException(
                    "layer %d has %d tokens, can't go on at token %d".formatted(layer, filled[layer], firstToken));
        }
        int end = firstToken + k.rows();
        if (end > layout.tokens()) {
            throw new IllegalArgumentException("%d tokens don't fit in a block of %d".formatted(end, layout.tokens()));
        }
        int firstPanel = firstToken / layout.panelTokens();
        int panels = Math.ceilDiv(end, layout.panelTokens()) - firstPanel;
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(panels, (i, scratch) -> {
                int start = Math.max(firstToken, (firstPanel + i) * layout.panelTokens());
                int stop = Math.min(end, (firstPanel + i + 1) * layout.panelTokens());
                for (int token = start; token < stop; token++) {
                    layout.store(memory, layer, token, k, v, token - firstToken);
                }
            });
        }
        filled[layer] = end;
    }

    /** Refuses to be read before every token of the layer is there. */
    void checkFilled(int layer) {
        if (filled[layer] < layout.tokens()) {
            throw new IllegalStateException("layer %d of the encoder block has %d of %d tokens"
                    .formatted(layer, filled[layer], layout.tokens()));
        }
    }

    @Override
    public int capacity() {
        return layout.tokens();
    }

    @Override
    public long bytes() {
        return memory.byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }
}
