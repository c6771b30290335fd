package io.tandem.engine.slept;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long STEP = 100;

    private final AtomicLong now = new AtomicLong(1_000);

    @Test
    void whatWasSleptTooLongIsMadeUpFor() {
        Pace pace = new Pace(STEP, now::get, wanted -> now.addAndGet(wanted + 7));
        for (int i = 0; i < 50; i++) {
            pace.step();
        }
        assertEquals(1_000 + 50 * STEP + 7, now.get());
    }

    @Test
    void whoWakesEarlySleepsOn() {
        Pace pace = new Pace(STEP, now::get, wanted -> now.addAndGet(Math.ceilDiv(wanted, 2)));
        pace.step();
        assertEquals(1_000 + STEP, now.get());
    }

    @Test
    void timeBetweenStepsIsNotMadeUpFor() {
        Pace pace = new Pace(STEP, now::get, now::addAndGet);
        for (int i = 0; i < 10; i++) {
            pace.step();
            now.addAndGet(30);
        }
        assertEquals(1_000 + 10 * (STEP + 30), now.get());
    }

    @Test
    void aPauseOfTheSystemIsNotMadeUpForByStepsOfNoTime() {
        AtomicLong pause = new AtomicLong(10_000);
        Pace pace = new Pace(STEP, now::get, wanted -> now.addAndGet(wanted + pause.getAndSet(0)));
        pace.step();
        long woken = now.get();
        pace.step();
        assertEquals(woken, now.get(), "a step at most");
        pace.step();
        assertEquals(woken + STEP, now.get());
    }
}
