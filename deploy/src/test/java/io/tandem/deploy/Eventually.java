package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition that another thread or process brings about. */
final class Eventually {

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private Eventually() {}

    /** Fails, naming the condition, if it doesn't hold in time. */
    static void holds(Duration patience, String condition, BooleanSupplier check) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!check.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not " + condition + " within " + patience);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
