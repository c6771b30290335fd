package io.tandem.decoder.grpc;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls in progress, so that a shutdown can wait for them. Thread-safe. */
public final class ActiveCalls {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private final Set<Runnable> active = new HashSet<>();
    private boolean draining;

    /**
     * A call begins; {@link #end} must follow.
     *
     * @param abort makes the call end early, from any thread; it must only signal
     * @throws TandemException if no more calls are taken
     */
    void begin(Runnable abort) {
        lock.lock();
        try {
            if (draining) {
                throw new TandemException(ErrorCode.DRAINING, null, "the decoder is shutting down");
            }
            active.add(abort);
        } finally {
            lock.unlock();
        }
    }

    /** A call has ended and holds nothing any more. */
    void end(Runnable abort) {
        lock.lock();
        try {
            active.remove(abort);
            if (active.isEmpty()) {
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
            return active.size();
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

    /** Makes the calls in progress end early. */
    public void abort() {
        lock.lock();
        try {
            active.forEach(Runnable::run);
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
            while (!active.isEmpty() && left > 0) {
                left = none.awaitNanos(left);
            }
            return active.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
