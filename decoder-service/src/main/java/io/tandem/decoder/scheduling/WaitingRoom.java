package io.tandem.decoder.scheduling;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds the requests that wait, be it for encoder states or for a place in the batch. Thread-safe. */
public final class WaitingRoom {

    private final int capacity;
    private final AtomicInteger occupied = new AtomicInteger();

    /** @param capacity requests, setting {@code tandem.decoder.max-queue} */
    public WaitingRoom(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Lets a request in.
     *
     * @throws TandemException if it is full
     */
    public Place enter() {
        if (occupied.incrementAndGet() > capacity) {
            occupied.decrementAndGet();
            throw new TandemException(
                    ErrorCode.OVERLOADED,
                    null,
                    "more than " + capacity + " requests would be waiting, the limit is " + capacity
                            + "; try again later, add decoders or raise tandem.decoder.max-queue");
        }
        return new Place();
    }

    /** Requests that wait. */
    public int occupied() {
        return occupied.get();
    }

    /** A request's place; given up once it no longer waits. */
    public final class Place implements AutoCloseable {

        private final AtomicBoolean closed = new AtomicBoolean();

        private Place() {}

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                occupied.decrementAndGet();
            }
        }
    }
}
