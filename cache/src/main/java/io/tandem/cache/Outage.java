package io.tandem.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Whether a server can be reached, as the last call saw it: after a failure all calls are refused at once, but one in
 * every {@code retryAfter}, which tries. Thread-safe; owned by the entries that call the server.
 *
 * <p>Without it every request of a busy service would wait for a time-out of its own.
 */
final class Outage {
    private static final Logger LOG = Logger.getLogger(Outage.class);

    private final String server;
    private final long retryAfterNanos;

    /** When the next call may try, by the clock of {@link System#nanoTime()}; 0 while there is no outage. */
    private final AtomicLong nextTry = new AtomicLong();

    private volatile Throwable cause;

    /** @param server where calls go to, for messages */
    Outage(String server, Duration retryAfter) {
        this.server = server;
        this.retryAfterNanos = retryAfter.toNanos();
    }

    /**
     * Lets a call pass.
     *
     * @throws StoreUnavailableException during an outage, unless it is time to try again
     */
    void requireOver() {
        long due = nextTry.get();
        if (due == 0) {
            return;
        }
        long now = System.nanoTime();
        if (now - due < 0 || !nextTry.compareAndSet(due, later(now))) {
            throw unavailable(cause);
        }
    }

    /**
     * Refuses work for a call that would not be let through; takes nobody's turn to try.
     *
     * @throws StoreUnavailableException during an outage, unless it is time to try again
     */
    void requireWorthTrying() {
        long due = nextTry.get();
        if (due != 0 && System.nanoTime() - due < 0) {
            throw unavailable(cause);
        }
    }

    /** Notes that a call failed, and returns what its caller is to throw. */
    StoreUnavailableException failed(Throwable failure) {
        cause = failure;
        if (nextTry.getAndSet(later(System.nanoTime())) == 0) {
            LOG.warnf("The state cache at %s can't be reached: %s", server, failure);
        }
        return unavailable(failure);
    }

    /** Notes that a call succeeded. */
    void over() {
        if (nextTry.get() != 0 && nextTry.getAndSet(0) != 0) {
            LOG.infof("The state cache at %s can be reached again", server);
        }
    }

    private StoreUnavailableException unavailable(Throwable failure) {
        String reason = failure == null || failure.getMessage() == null ? "no answer in time" : failure.getMessage();
        return new StoreUnavailableException("the state cache at " + server + " can't be reached: " + reason, failure);
    }

    /** Never 0, which means that there is no outage. */
    private long later(long now) {
        return now + retryAfterNanos | 1;
    }
}
