package io.tandem.decoder.residency;

import io.opentelemetry.context.Context;
import io.tandem.contract.TandemException;
import io.tandem.engine.runner.EncoderMemory;
import java.util.List;
import java.util.Optional;

/**
 * A request's hold on the encoder memories of its segments, from before they are there until nobody reads them.
 *
 * <p>Thread-safe; owned by the request, which must close it after the last sequence that reads the memories.
 */
public final class Lease implements AutoCloseable {

    private final EncoderResidency residency;
    private final List<SegmentReference> segments;
    private final Runnable listener;
    private final Context context = Context.current();

    /** What follows is guarded by the residency's lock; volatile fields are also read without it. */
    private List<Resident> residents = List.of();

    private int missing;
    private int residentTokens;
    private boolean closed;
    private volatile boolean granted;
    private volatile List<EncoderMemory> memories;
    private volatile TandemException failure;

    Lease(EncoderResidency residency, List<SegmentReference> segments, Runnable listener) {
        this.residency = residency;
        this.segments = List.copyOf(segments);
        this.listener = listener;
    }

    /** Whether there is room for the memories: from then on they are being loaded. */
    public boolean granted() {
        return granted || settled();
    }

    /** Whether all memories are there, or it is known that they won't be. */
    public boolean settled() {
        return memories != null || failure != null;
    }

    /** Why the memories will not be there. */
    public Optional<TandemException> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * The memories in the order of the segments; one that stands there twice is the same.
     *
     * @throws IllegalStateException if they are not all there
     */
    public List<EncoderMemory> memories() {
        if (memories == null) {
            throw new IllegalStateException("the encoder memories are not complete");
        }
        return memories;
    }

    /** Encoder tokens whose memories were complete when room was granted. */
    public int residentTokens() {
        return residentTokens;
    }

    /** Lets go of the memories, and of the wish for them; closing twice does nothing. */
    @Override
    public void close() {
        residency.release(this);
    }

    /** Of the request that wants the memories. */
    Context context() {
        return context;
    }

    List<SegmentReference> segments() {
        return segments;
    }

    List<Resident> residents() {
        return residents;
    }

    boolean closed() {
        return closed;
    }

    void markClosed() {
        closed = true;
    }

    void grant(List<Resident> held) {
        residents = List.copyOf(held);
        for (Resident resident : residents) {
            resident.holders.add(this);
            if (resident.complete()) {
                residentTokens += resident.segment.tokens();
            } else {
                missing++;
            }
        }
        granted = true;
        settleIfComplete();
    }

    void loaded() {
        missing--;
        settleIfComplete();
    }

    void fail(TandemException reason) {
        failure = reason;
        listener.run();
    }

    private void settleIfComplete() {
        if (missing == 0 && failure == null) {
            memories = residents.stream().map(resident -> resident.memory).toList();
        }
        listener.run();
    }
}
