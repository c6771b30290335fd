package io.tandem.hub;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How time between two attempts passes. */
@FunctionalInterface
interface Waits {

    /** Real time; it ends early only by interruption, which is how a download is given up. */
    Waits REAL = pause -> {
        boolean ended = new CountDownLatch(1).await(pause.toMillis(), TimeUnit.MILLISECONDS);
        assert !ended;
    };

    void pause(Duration pause) throws InterruptedException;
}
