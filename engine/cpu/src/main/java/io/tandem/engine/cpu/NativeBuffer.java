package io.tandem.engine.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory that grows when more is asked for. Mutable; owned by one worker or by the holder of the pool's turn. */
final class NativeBuffer implements AutoCloseable {

    /** Vectors that start on a cache line never straddle two. */
    static final int ALIGNMENT = 64;

    private Arena arena;
    private MemorySegment memory = MemorySegment.NULL;

    /** At least {@code floats} floats of undefined contents. */
    MemorySegment floats(long floats) {
        long bytes = floats * Float.BYTES;
        if (bytes > memory.byteSize()) {
            close();
            arena = Arena.ofShared();
            memory = arena.allocate(bytes, ALIGNMENT);
        }
        return memory;
    }

    @Override
    public void close() {
        if (arena != null) {
            memory = MemorySegment.NULL;
            arena.close();
            arena = null;
        }
    }
}
