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
 * Gives requests a bounded number of places to run in and lets a bounded number wait, first come first served. A request comes in
 * with one place, before it is read, and asks for more when it turns out to want several answers. Background work gets what is left
 * when nobody waits. One for the process; thread-safe, every method returns at once except {@link #drain}.
 */
public final class AdmissionController {

    private static final int MAX_RETRY_AFTER_SECONDS = 60;
    /** Weight of the newest request in the running mean of service times. */
    private static final double NEWEST = 0.1;

    private final int concurrency;
    private final int queueLimit;
    private final BackgroundShare share;
    private final LongSupplier nanoClock;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final ArrayDeque<Ticket> queue = new ArrayDeque<>();
    /** Those that have been read and wait for more places, ahead of the queue; they hold none meanwhile. */
    private final ArrayDeque<Ticket> widening = new ArrayDeque<>();

    /** Behind everybody else; those that have been read come first. */
    private final ArrayDeque<Ticket> background = new ArrayDeque<>();

    private int running;
    private int runningBackground;
    private boolean draining;
    /** How long a request keeps a place, times the places that it keeps. */
    private double meanServiceSeconds = 1;

    /**
     * @param concurrency places of requests that run at the same time
     * @param queueLimit requests that wait
     * @param share of background work
     * @param nanoClock as {@link System#nanoTime}
     */
    public AdmissionController(int concurrency, int queueLimit, BackgroundShare share, LongSupplier nanoClock) {
        this.concurrency = concurrency;
        this.queueLimit = queueLimit;
        this.share = share;
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
            requireOpen();
            Ticket ticket = new Ticket(false);
            if (queue.isEmpty() && fits(ticket)) {
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

    /**
     * Takes a place behind all requests, however many come; the wait may be long.
     *
     * @throws TandemException DRAINING at shutdown, then also from a wait
     */
    public Ticket enterBackground() {
        lock.lock();
        try {
            requireOpen();
            Ticket ticket = new Ticket(true);
            background.add(ticket);
            grantWaiting();
            return ticket;
        } finally {
            lock.unlock();
        }
    }

    /** Places that are taken by requests that run, background work included. */
    public int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Places that background work has. */
    public int runningInBackground() {
        lock.lock();
        try {
            return runningBackground;
        } finally {
            lock.unlock();
        }
    }

    /** Requests that wait, without background work. */
    public int waiting() {
        lock.lock();
        try {
            return queue.size() + widening.size();
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
            background.forEach(ticket -> {
                ticket.left = true;
                ticket.granted.completeExceptionally(closed());
            });
            background.clear();
            long nanos = timeout.toNanos();
            while (running > 0 || !queue.isEmpty() || !widening.isEmpty()) {
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

    private void requireOpen() {
        if (draining) {
            throw closed();
        }
    }

    private static TandemException closed() {
        return new TandemException(ErrorCode.DRAINING, null, "The server is shutting down; send it to another.");
    }

    /** Always lets one in, where nobody waits: what never runs never ends. */
    private boolean fitsInBackground(Ticket ticket) {
        int limit = running > runningBackground ? share.beside() : share.alone();
        return queue.isEmpty()
                && fits(ticket)
                && (runningBackground == 0 || runningBackground + ticket.places <= limit);
    }

    private boolean fits(Ticket ticket) {
        return widening.isEmpty() && running + ticket.places <= concurrency;
    }

    private void grant(Ticket ticket) {
        running += ticket.places;
        runningBackground += ticket.background ? ticket.places : 0;
        long now = nanoClock.getAsLong();
        ticket.waitedNanos += now - ticket.waitsSince;
        ticket.grantedAt = now;
        ticket.granted.complete(null);
    }

    /** In order: whoever is first waits until there is room for all of its places, and everybody else waits behind it. */
    private void grantWaiting() {
        while (!widening.isEmpty() && running + widening.element().places <= concurrency) {
            grant(widening.remove());
        }
        while (!queue.isEmpty() && fits(queue.element())) {
            grant(queue.remove());
        }
        while (!background.isEmpty() && fitsInBackground(background.element())) {
            grant(background.remove());
        }
    }

    private CompletableFuture<Void> widen(Ticket ticket, int wanted) {
        lock.lock();
        try {
            if (ticket.left || wanted <= ticket.places) {
                return CompletableFuture.completedFuture(null);
            }
            release(ticket);
            ticket.places = Math.min(wanted, concurrency);
            ticket.granted = new CompletableFuture<>();
            ticket.waitsSince = nanoClock.getAsLong();
            if (ticket.background && draining) {
                ticket.left = true;
                ticket.granted.completeExceptionally(closed());
                idle.signalAll();
            } else if (ticket.background) {
                background.addFirst(ticket);
            } else {
                widening.add(ticket);
            }
            grantWaiting();
            return ticket.granted;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Ticket ticket) {
        lock.lock();
        try {
            if (ticket.left) {
                return;
            }
            ticket.left = true;
            if (!queue.remove(ticket) && !widening.remove(ticket) && !background.remove(ticket)) {
                release(ticket);
                measure(ticket);
            }
            grantWaiting();
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void measure(Ticket ticket) {
        if (!ticket.background) {
            double seconds = ticket.servedNanos / (double) TimeUnit.SECONDS.toNanos(1);
            meanServiceSeconds += NEWEST * (seconds - meanServiceSeconds);
        }
    }

    private void release(Ticket ticket) {
        running -= ticket.places;
        runningBackground -= ticket.background ? ticket.places : 0;
        ticket.servedNanos += (nanoClock.getAsLong() - ticket.grantedAt) * ticket.places;
    }

    /** A request's places; whoever took it closes it, once or more often. */
    public final class Ticket implements AutoCloseable {
        private final boolean background;
        // The rest is guarded by the lock.
        private CompletableFuture<Void> granted = new CompletableFuture<>();
        private int places = 1;
        private long waitsSince = nanoClock.getAsLong();
        private long waitedNanos;
        private long grantedAt;
        private long servedNanos;
        private boolean left;

        private Ticket(boolean background) {
            this.background = background;
        }

        /** Completes when the request may run. */
        public CompletableFuture<Void> granted() {
            lock.lock();
            try {
                return granted;
            } finally {
                lock.unlock();
            }
        }

        /**
         * Asks for places for all answers of a request that has been granted one. While it waits for them it has none, but it is
         * ahead of those that have not been read yet, so at most as many requests as there are places ever wait like this.
         *
         * @param wanted places in all; more than there are count as all
         * @return completes when the request may go on
         */
        public CompletableFuture<Void> widen(int wanted) {
            return AdmissionController.this.widen(this, wanted);
        }

        /** Time spent waiting; meaningful once granted. */
        public Duration waited() {
            lock.lock();
            try {
                return Duration.ofNanos(waitedNanos);
            } finally {
                lock.unlock();
            }
        }

        /** Gives all places back, to those that wait longest. */
        @Override
        public void close() {
            leave(this);
        }
    }
}
