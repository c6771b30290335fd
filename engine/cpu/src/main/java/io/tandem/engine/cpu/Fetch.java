package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.INTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * Reads memory into the second-level cache at the speed of memory. A kernel with much arithmetic never waits for several lines
 * at once; fetching first and computing from the cache then takes half the time.
 */
final class Fetch {

    /** Bytes to fetch at a time: a part of the second-level cache that leaves room for everything else. */
    static final int BYTES = 128 * 1024;

    private static final int CACHE_LINE = 64;

    private Fetch() {}

    /** Fetches {@code bytes} bytes, except what is left of them after whole pairs of cache lines. */
    static void read(MemorySegment memory, long offset, long bytes, Scratch scratch) {
        long end = offset + bytes - bytes % (2 * CACHE_LINE);
        IntVector even = IntVector.zero(INTS);
        IntVector odd = even;
        for (long at = offset; at < end; at += 2 * CACHE_LINE) {
            even = even.or(IntVector.fromMemorySegment(INTS, memory, at, ByteOrder.LITTLE_ENDIAN));
            odd = odd.or(IntVector.fromMemorySegment(INTS, memory, at + CACHE_LINE, ByteOrder.LITTLE_ENDIAN));
        }
        scratch.tile.fetched |= even.or(odd).lane(0);
    }
}
