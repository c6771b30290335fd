package io.tandem.bench.capacity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which segments are in a decoder's memory, by the rules of the decoder-service's {@code EncoderResidency}: requests for a segment share
 * one memory and one load, what nobody uses stays until room is needed and goes least recently used first, and room for all segments of a
 * request is taken at once, in order of arrival. That class moves real states on threads of its own, so its rules are repeated here; a
 * test of the decoder-service holds the two against each other. Mutable; owned by its decoder.
 */
public final class EncoderMemories {

    private final long budget;
    private final long bytesPerToken;
    private final Loads loads;
    private final Map<Segment, Resident> residents = new HashMap<>();

    /** Complete and without holders, the least recently used first. */
    private final LinkedHashMap<Segment, Resident> idle = new LinkedHashMap<>();

    private final Deque<Lease> waiting = new ArrayDeque<>();
    private long bytes;
    private long idleBytes;

    /** Brings segments into memory. */
    @FunctionalInterface
    public interface Loads {
        /** Calls back when the segment is there: later, never before it returns. */
        void begin(Segment segment, Runnable whenLoaded);
    }

    /** How a segment was found when a request got room for it. */
    public enum Found {
        /** Complete. */
        RESIDENT,
        /** On its way, for another request. */
        LOADING,
        /** Not there: fetched for this request. */
        ABSENT
    }

    /** Hears of a lease. */
    public interface Listener {
        /** There is room; says for each segment how it was found. */
        void granted(List<Found> found);

        /** All segments are there. */
        void complete();
    }

    private static final class Resident {
        private final Segment segment;
        private final long bytes;
        private final List<Lease> holders = new ArrayList<>();
        private boolean complete;

        private Resident(Segment segment, long bytes) {
            this.segment = segment;
            this.bytes = bytes;
        }
    }

    /** A request's hold on its segments. */
    public static final class Lease {
        private final List<Segment> segments;
        private final Listener listener;
        private List<Resident> held = List.of();
        private int missing;

        private Lease(List<Segment> segments, Listener listener) {
            this.segments = segments;
            this.listener = listener;
        }
    }

    /** @param budget bytes that all segments may take */
    public EncoderMemories(long budget, long bytesPerToken, Loads loads) {
        this.budget = budget;
        this.bytesPerToken = bytesPerToken;
        this.loads = loads;
    }

    /**
     * Asks for segments, none of them twice.
     *
     * @throws IllegalArgumentException if they could never fit together
     */
    public Lease lease(List<Segment> segments, Listener listener) {
        long needed = segments.stream().mapToLong(this::bytesOf).sum();
        if (needed > budget) {
            throw new IllegalArgumentException("a document and its question take " + needed
                    + " bytes of decoders.memoryBytes, which is " + budget + "; raise it");
        }
        Lease lease = new Lease(segments, listener);
        // While others wait, only a lease that takes no room from them goes first.
        boolean inTurn = waiting.isEmpty() || missingBytes(lease) == 0;
        if (!inTurn || !grant(lease)) {
            waiting.add(lease);
        }
        return lease;
    }

    /** Ends a lease that was complete. */
    public void release(Lease lease) {
        for (Resident resident : lease.held) {
            resident.holders.remove(lease);
            if (resident.holders.isEmpty()) {
                idle.putLast(resident.segment, resident);
                idleBytes += resident.bytes;
            }
        }
        grantWaiting();
    }

    private void grantWaiting() {
        while (!waiting.isEmpty() && grant(waiting.peekFirst())) {
            waiting.removeFirst();
        }
    }

    private boolean grant(Lease lease) {
        long needed = missingBytes(lease);
        long evictable = idleBytes;
        for (Segment segment : lease.segments) {
            Resident resident = idle.get(segment);
            evictable -= resident == null ? 0 : resident.bytes;
        }
        if (bytes + needed - evictable > budget) {
            return false;
        }
        for (Segment segment : lease.segments) {
            Resident resident = idle.remove(segment);
            idleBytes -= resident == null ? 0 : resident.bytes;
        }
        while (bytes + needed > budget) {
            Resident oldest = idle.pollFirstEntry().getValue();
            idleBytes -= oldest.bytes;
            bytes -= oldest.bytes;
            residents.remove(oldest.segment);
        }
        take(lease);
        return true;
    }

    private void take(Lease lease) {
        List<Resident> held = new ArrayList<>();
        List<Resident> fresh = new ArrayList<>();
        List<Found> found = new ArrayList<>();
        for (Segment segment : lease.segments) {
            Resident resident = residents.get(segment);
            if (resident == null) {
                resident = new Resident(segment, bytesOf(segment));
                residents.put(segment, resident);
                bytes += resident.bytes;
                fresh.add(resident);
                found.add(Found.ABSENT);
            } else {
                found.add(resident.complete ? Found.RESIDENT : Found.LOADING);
            }
            lease.missing += resident.complete ? 0 : 1;
            resident.holders.add(lease);
            held.add(resident);
        }
        lease.held = held;
        lease.listener.granted(found);
        fresh.forEach(resident -> loads.begin(resident.segment, () -> loaded(resident)));
        if (lease.missing == 0) {
            lease.listener.complete();
        }
    }

    private void loaded(Resident resident) {
        resident.complete = true;
        for (Lease holder : List.copyOf(resident.holders)) {
            if (--holder.missing == 0) {
                holder.listener.complete();
            }
        }
    }

    private long missingBytes(Lease lease) {
        long missing = 0;
        for (Segment segment : lease.segments) {
            missing += residents.containsKey(segment) ? 0 : bytesOf(segment);
        }
        return missing;
    }

    private long bytesOf(Segment segment) {
        return segment.tokens() * bytesPerToken;
    }
}
