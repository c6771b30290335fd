package io.tandem.decoder.scheduling;

import java.util.concurrent.locks.LockSupport;

/**
 * Wakes one thread when something that it waits for may have changed; a wake-up between two waits is not lost.
 *
 * <p>Raised by any thread, without blocking or allocating; awaited by its owner only.
 */
public final class Signal {

    private volatile Thread owner;
    private volatile boolean raised;

    /** Makes the calling thread the one that waits; must come before its first wait. */
    public void own() {
        owner = Thread.currentThread();
    }

    /** Lets the owner's wait in progress, or else its next one, return. */
    public void raise() {
        if (!raised) {
            raised = true;
            LockSupport.unpark(owner);
        }
    }

    /** Waits until raised. */
    public void await() {
        while (!raised) {
            LockSupport.park(this);
            // A pending interrupt would turn parking into spinning; waits end by what they wait for.
            Thread.interrupted();
        }
        raised = false;
    }

    /** Waits until raised, or until {@link System#nanoTime} reaches the deadline. */
    public void awaitUntil(long deadlineNanos) {
        while (!raised) {
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) {
                return;
            }
            LockSupport.parkNanos(this, left);
            Thread.interrupted();
        }
        raised = false;
    }
}
