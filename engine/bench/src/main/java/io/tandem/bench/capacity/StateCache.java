package io.tandem.bench.capacity;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The states that all roles share: what was not used for longest makes room, whole states at a time (Infinispan drops chunks of them).
 * Mutable; owned by one {@link Simulation}.
 */
final class StateCache {

    private final Map<Segment, Long> states = new LinkedHashMap<>(16, 0.75f, true);
    private final long capacity;
    private final long bytesPerToken;
    private long bytes;

    /** @param capacity bytes of different states, without second copies */
    StateCache(long capacity, long bytesPerToken) {
        this.capacity = capacity;
        this.bytesPerToken = bytesPerToken;
    }

    /** Whether a segment's states are there; they count as used. */
    boolean find(Segment segment) {
        return states.get(segment) != null;
    }

    /** Puts states in; those that are larger than all the room are not kept. */
    void put(Segment segment) {
        long size = segment.tokens() * bytesPerToken;
        if (size > capacity || states.put(segment, size) != null) {
            return;
        }
        bytes += size;
        while (bytes > capacity) {
            Segment oldest = states.keySet().iterator().next();
            bytes -= states.remove(oldest);
        }
    }
}
