package io.tandem.gateway.admission;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets a bounded number of requests run and a bounded number wait, first come first served. One for the process; thread-safe,
 * every method returns at once except {@link #drain}.
 */
public final class AdmissionController {

    private static final int MAX_RETRY_AFTER_SECONDS = 60;
    /** Weight of the newest request in the running mean of service times. */
    private static final double NEWEST = 0.1;

    private final int concurrency;
    private final int queueLimit;
    private final LongSupplier nanoClock;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final ArrayDeque<Ticket> queue = new ArrayDeque<>();
    private int running;
    private boolean draining;
    private double meanServiceSeconds = 1;

    /**
     * @param concurrency requests that run at the same time
     * @param queueLimit requests that wait
     * @param nanoClock as {@link System#nanoTime}
     */
    public AdmissionController(int concurrency, int queueLimit, LongSupplier nanoClock) {
        this.concurrency = concurrency;
        this.queueLimit = queueLimit;
        this.nanoClock = nanoClock;
    }

    /**
     * Takes a place among the running or, when those are taken, among the waiting.
     *
     * @throws TandemException OVERLOADED when both are full, DRAINING at shutdown
     */
    public Ticket enter() {
        lock.lock();
        try {
            if (draining) {
                throw new TandemException(ErrorCode.DRAINING, null, "The server is shutting down; send it to another.");
            }
            Ticket ticket = new Ticket();
            if (running < concurrency) {
                grant(ticket);
            } else if (queue.size() < queueLimit) {
                queue.add(ticket);
            } else {
                throw new TandemException(
                        ErrorCode.OVERLOADED,
                        null,
                        "%d requests run and %d wait, which is the limit; retry later or raise tandem.gateway.admission.concurrency or .queue."
                                .formatted(running, queue.size()));
            }
            return ticket;
        } finally {
            lock.unlock();
        }
    }

    /** Requests that run. */
    public int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Requests that wait. */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** Seconds until a refused request may well find a place, from the measured service time; 1 to 60. */
    public int retryAfterSeconds() {
        lock.lock();
        try {
            double seconds = meanServiceSeconds * (queue.size() + 1) / concurrency;
            return (int) Math.clamp(Math.ceil(seconds), 1, MAX_RETRY_AFTER_SECONDS);
        } finally {
            lock.unlock();
        }
    }

    /** True once {@link #drain} was called. */
    public boolean isDraining() {
        lock.lock();
        try {
            return draining;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses new requests from now on and waits until those that run or wait are done.
     *
     * @return true when none is left, false when the time is over
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            draining = true;
            long nanos = timeout.toNanos();
            while (running > 0 || !queue.isEmpty()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = idle.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void grant(Ticket ticket) {
        running++;
        ticket.grantedAt = nanoClock.getAsLong();
        ticket.granted.complete(null);
    }

    private void leave(Ticket ticket) {
        lock.lock();
        try {
            if (ticket.left) {
                return;
            }
            ticket.left = true;
            if (!queue.remove(ticket)) {
                running--;
                double seconds = (nanoClock.getAsLong() - ticket.grantedAt) / (double) TimeUnit.SECONDS.toNanos(1);
                meanServiceSeconds += NEWEST * (seconds - meanServiceSeconds);
                if (!queue.isEmpty()) {
                    grant(queue.remove());
                }
            }
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A request's place; whoever took it closes it, once or more often. */
    public final class Ticket implements AutoCloseable {
        private final CompletableFuture<Void> granted = new CompletableFuture<>();
        private final long enteredAt = nanoClock.getAsLong();
        // Both guarded by the lock.
        private long grantedAt;
        private boolean left;

        private Ticket() {}

        /** Completes when the request may run. */
        public CompletableFuture<Void> granted() {
            return granted;
        }

        /** Time spent waiting; meaningful once granted. */
        public Duration waited() {
            lock.lock();
            try {
                return Duration.ofNanos(grantedAt - enteredAt);
            } finally {
                lock.unlock();
            }
        }

        /** Gives the place back, to the one that waits longest. */
        @Override
        public void close() {
            leave(this);
        }
    }
}
