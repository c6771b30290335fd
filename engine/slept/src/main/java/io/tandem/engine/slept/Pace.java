package io.tandem.engine.slept;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Has every step take the same time: what the system lets one sleep too long, the next sleeps less. Time between steps is not made up
 * for, as on real hardware. Mutable; for the thread that runs the steps.
 */
final class Pace {

    private final long stepNanos;
    private final LongSupplier clock;
    private final LongConsumer sleep;
    private long overslept;

    /**
     * @param clock as {@link System#nanoTime} is
     * @param sleep lets about so many nanoseconds pass, or fewer
     */
    Pace(long stepNanos, LongSupplier clock, LongConsumer sleep) {
        this.stepNanos = stepNanos;
        this.clock = clock;
        this.sleep = sleep;
    }

    static Pace ofSystem(long stepNanos) {
        return new Pace(stepNanos, System::nanoTime, LockSupport::parkNanos);
    }

    /** Sleeps for a step. */
    void step() {
        long end = clock.getAsLong() + stepNanos - overslept;
        long left = stepNanos - overslept;
        while (left > 0) {
            sleep.accept(left);
            left = end - clock.getAsLong();
        }
        // More than a step can't be made up for at once.
        overslept = Math.min(-left, stepNanos);
    }
}
