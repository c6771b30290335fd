package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who is let through while a server can't be reached. */
class OutageTest {
    private static final IOException CAUSE = new IOException("connection refused");

    @Test
    void everybodyPassesUntilSomethingFails() {
        Outage outage = new Outage("here:1", Duration.ofHours(1));
        outage.requireOver();
        outage.over();
        outage.requireOver();
    }

    @Test
    void duringAnOutageCallsAreRefusedWithItsCauseUntilOneSucceeds() {
        Outage outage = new Outage("here:1", Duration.ofHours(1));
        assertSame(CAUSE, outage.failed(CAUSE).getCause());
        StoreUnavailableException refused = assertThrows(StoreUnavailableException.class, outage::requireOver);
        assertThrows(StoreUnavailableException.class, outage::requireWorthTrying);
        assertEquals("the state cache at here:1 can't be reached: connection refused", refused.getMessage());
        outage.over();
        outage.requireOver();
    }

    @Test
    void onceInAWhileOneMayTry() {
        Outage outage = new Outage("here:1", Duration.ofMillis(200));
        outage.failed(CAUSE);
        int passed = 0;
        long refused = 0;
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (passed < 3 && System.nanoTime() < end) {
            try {
                outage.requireOver();
                passed++;
            } catch (StoreUnavailableException e) {
                refused++;
                Thread.onSpinWait();
            }
        }
        assertEquals(3, passed);
        assertTrue(refused > 100, "refused: " + refused);
    }

    @Test
    void askingWhetherToTryTakesNoTurn() {
        Outage outage = new Outage("here:1", Duration.ofNanos(1));
        outage.failed(CAUSE);
        outage.requireWorthTrying();
        outage.requireWorthTrying();
        outage.requireOver();
    }
}
