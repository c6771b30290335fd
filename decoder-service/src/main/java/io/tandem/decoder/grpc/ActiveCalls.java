package io.tandem.decoder.grpc;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls in progress, so that a shutdown can wait for them. Thread-safe. */
public final class ActiveCalls {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private int active;
    private boolean draining;

    /**
     * A call begins; {@link #end} must follow.
     *
     * @throws TandemException if no more calls are taken
     */
    void begin() {
        lock.lock();
        try {
            if (draining) {
                throw new TandemException(ErrorCode.DRAINING, null, "the decoder is shutting down");
            }
            active++;
        } finally {
            lock.unlock();
        }
    }

    /** A call has ended and holds nothing any more. */
    void end() {
        lock.lock();
        try {
            active--;
            if (active == 0) {
                none.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Calls in progress. */
    public int count() {
        lock.lock();
        try {
            return active;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more calls. */
    public void drain() {
        lock.lock();
        try {
            draining = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether calls are still taken. */
    public boolean open() {
        lock.lock();
        try {
            return !draining;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is no call in progress; false if that took too long. */
    public boolean awaitNone(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long left = longest.toNanos();
            while (active > 0 && left > 0) {
                left = none.awaitNanos(left);
            }
            return active == 0;
        } finally {
            lock.unlock();
        }
    }
}
