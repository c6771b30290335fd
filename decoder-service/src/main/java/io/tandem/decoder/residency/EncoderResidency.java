package io.tandem.decoder.residency;

import io.tandem.cache.ContentKey;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.metrics.ResidencyMetrics;
import io.tandem.decoder.metrics.ResidencyMetrics.Found;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which encoded segments are in the decoder's memory, and who uses them: requests for the same key share one memory and
 * one load; memories that nobody uses stay, least recently used first to go, until the room is needed.
 *
 * <p>Thread-safe. Room for all segments of a request is taken at once, so that requests never wait for each other in a
 * circle, and in order of arrival, so that large ones get their turn.
 */
public final class EncoderResidency implements AutoCloseable {

    private final MemoryChoice choice;
    private final StateLoader loader;
    private final long budget;
    private final ExecutorService loading;
    private final ResidencyMetrics metrics;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ContentKey, Resident> residents = new HashMap<>();

    /** Complete memories without holders, the least recently used first. */
    private final LinkedHashMap<ContentKey, Resident> idle = new LinkedHashMap<>();

    private final Deque<Lease> waiting = new ArrayDeque<>();
    private long bytes;
    private int leases;
    private boolean closed;

    /**
     * @param choice in which form segments are kept, and how many bytes all of them may take
     * @param loading runs the loads; its threads bound how many run at once. Closed with this object.
     */
    public EncoderResidency(
            MemoryChoice choice, StateLoader loader, ExecutorService loading, ResidencyMetrics metrics) {
        this.choice = choice;
        this.loader = loader;
        this.budget = choice.budget();
        this.loading = loading;
        this.metrics = metrics;
    }

    /**
     * Asks for the memories of these segments; returns at once.
     *
     * @param listener called, on any thread and under a lock, when the lease's state has changed: it must only signal
     * @throws TandemException if they could never fit into the budget together, or the decoder is shutting down
     */
    public Lease lease(List<SegmentReference> segments, Runnable listener) {
        requireRoom(segments);
        Lease lease = new Lease(this, segments, listener);
        lock.lock();
        try {
            if (closed) {
                throw new TandemException(ErrorCode.DRAINING, null, "the decoder is shutting down");
            }
            segments.forEach(this::requireSameLength);
            leases++;
            // While others wait, only a lease that takes no room from them goes first.
            boolean inTurn = waiting.isEmpty() || missingBytes(lease) == 0;
            if (!inTurn || !grant(lease)) {
                waiting.add(lease);
            }
            return lease;
        } finally {
            lock.unlock();
        }
    }

    /** What is held now. */
    public ResidencyUsage usage() {
        lock.lock();
        try {
            int used = 0;
            for (Resident resident : residents.values()) {
                used += resident.holders.isEmpty() ? 0 : 1;
            }
            return new ResidencyUsage(residents.size(), used, leases, waiting.size(), bytes, budget);
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new leases, waits for loads in progress and frees idle memories; all leases must be closed before. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        loading.close();
        lock.lock();
        try {
            List.copyOf(idle.values()).forEach(this::evict);
        } finally {
            lock.unlock();
        }
    }

    void release(Lease lease) {
        lock.lock();
        try {
            if (lease.closed()) {
                return;
            }
            lease.markClosed();
            leases--;
            waiting.remove(lease);
            for (Resident resident : lease.residents()) {
                resident.holders.remove(lease);
                // One that is still loading is dropped by its loader, unless somebody else asks for it before.
                if (resident.holders.isEmpty() && resident.complete()) {
                    idle.putLast(resident.segment.key(), resident);
                }
            }
            grantWaiting();
        } finally {
            lock.unlock();
        }
    }

    private void grantWaiting() {
        while (!waiting.isEmpty() && grant(waiting.peekFirst())) {
            waiting.removeFirst();
        }
    }

    /** Takes room for what is missing, evicting idle memories but none that the lease needs itself. */
    private boolean grant(Lease lease) {
        long needed = missingBytes(lease);
        long evictable = 0;
        for (Resident resident : idle.values()) {
            evictable += uses(lease, resident) ? 0 : resident.bytes;
        }
        if (bytes + needed - evictable > budget) {
            return false;
        }
        for (SegmentReference segment : lease.segments()) {
            idle.remove(segment.key());
        }
        while (bytes + needed > budget) {
            evict(idle.values().iterator().next());
            metrics.evicted();
        }
        List<Resident> held = new ArrayList<>();
        List<Resident> fresh = new ArrayList<>();
        for (SegmentReference segment : lease.segments()) {
            Found found = found(segment);
            Resident resident = residents.computeIfAbsent(segment.key(), key -> newResident(segment, fresh));
            // One that stands in the request twice is looked for once.
            if (!held.contains(resident)) {
                metrics.found(found, segment.tokens());
            }
            held.add(resident);
        }
        lease.grant(held);
        fresh.forEach(resident -> load(resident, lease));
        return true;
    }

    private Found found(SegmentReference segment) {
        Resident present = residents.get(segment.key());
        if (present == null) {
            return Found.ABSENT;
        }
        return present.complete() ? Found.RESIDENT : Found.LOADING;
    }

    private Resident newResident(SegmentReference segment, List<Resident> fresh) {
        Resident resident = new Resident(segment, bytesOf(segment));
        bytes += resident.bytes;
        fresh.add(resident);
        return resident;
    }

    /** @param lease that asked for it first */
    private void load(Resident resident, Lease lease) {
        loading.execute(RequestContext.carry(lease.context(), () -> load(resident)));
    }

    private void load(Resident resident) {
        EncoderMemory memory;
        long start = System.nanoTime();
        try {
            memory = Tracing.inSpan("decoder.load", () -> loader.load(resident.segment, () -> !wanted(resident)));
        } catch (RuntimeException | Error failure) {
            fail(resident, StateLoader.toTandemException(resident.segment, failure));
            return;
        }
        if (memory != null) {
            metrics.loaded(resident.bytes, System.nanoTime() - start);
        }
        complete(resident, memory);
    }

    /** @param memory null if the load was given up because nobody wanted it */
    private void complete(Resident resident, EncoderMemory memory) {
        lock.lock();
        try {
            if (memory == null && !resident.holders.isEmpty()) {
                // Somebody asked for it after the loader had given up.
                load(resident, resident.holders.getFirst());
                return;
            }
            if (memory == null) {
                forget(resident);
            } else {
                resident.memory = memory;
                resident.holders.forEach(Lease::loaded);
                if (resident.holders.isEmpty()) {
                    idle.putLast(resident.segment.key(), resident);
                }
            }
            grantWaiting();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Resident resident, TandemException reason) {
        lock.lock();
        try {
            forget(resident);
            List.copyOf(resident.holders).forEach(holder -> holder.fail(reason));
            grantWaiting();
        } finally {
            lock.unlock();
        }
    }

    private boolean wanted(Resident resident) {
        lock.lock();
        try {
            return !resident.holders.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void evict(Resident resident) {
        idle.remove(resident.segment.key());
        resident.memory.close();
        forget(resident);
    }

    private void forget(Resident resident) {
        residents.remove(resident.segment.key());
        bytes -= resident.bytes;
    }

    private void requireRoom(List<SegmentReference> segments) {
        Map<ContentKey, SegmentReference> distinct = new HashMap<>();
        segments.forEach(segment -> distinct.put(segment.key(), segment));
        long needed = distinct.values().stream().mapToLong(this::bytesOf).sum();
        if (needed > budget) {
            throw new TandemException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    null,
                    "the prompt takes " + needed + " bytes of encoder memory, the decoder has " + budget + "; "
                            + choice.remedy(distinct.values()));
        }
    }

    private void requireSameLength(SegmentReference segment) {
        Resident resident = residents.get(segment.key());
        if (resident != null && resident.segment.tokens() != segment.tokens()) {
            throw StateLoader.wrongLength(segment, resident.segment.tokens());
        }
    }

    private long missingBytes(Lease lease) {
        Map<ContentKey, Long> missing = new HashMap<>();
        for (SegmentReference segment : lease.segments()) {
            if (!residents.containsKey(segment.key())) {
                missing.put(segment.key(), bytesOf(segment));
            }
        }
        return missing.values().stream().mapToLong(Long::longValue).sum();
    }

    private static boolean uses(Lease lease, Resident resident) {
        return lease.segments().stream().anyMatch(segment -> segment.key().equals(resident.segment.key()));
    }

    private long bytesOf(SegmentReference segment) {
        return choice.bytes(segment);
    }
}
