package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a store leaves behind, and how two of them live side by side. */
class LifecycleTest {
    @Test
    void closingEndsEveryThreadAndClosingTwiceDoesNothing() throws InterruptedException {
        // RxJava and virtual threads start a few daemons at their first use, which belong to the JVM from then on.
        States.openLocal("1M", "4K").close();
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        StateStore store = States.openLocal("1M", "4K");
        StateWriter abandoned = store.write(States.key(2), 64, 64);
        abandoned.append(new float[4096], 0, 64);
        for (int number = 10; number < 90; number++) {
            States.write(store, States.key(number), States.values(64, 64, 1), 64);
        }
        store.close();
        store.close();
        abandoned.close();
        assertThrows(IllegalStateException.class, () -> store.find(States.key(10)));
        Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
        started.removeAll(before);
        for (Thread thread : started) {
            assertTrue(thread.join(Duration.ofSeconds(5)), () -> "still runs: " + thread);
        }
        assertEquals(0, store.statistics().entries());
        assertEquals(0, store.statistics().bytesHeld());
    }

    @Test
    void twoStoresShareNothing() {
        try (StateStore one = States.openLocal("1M", "4K");
                StateStore other = States.openLocal("1M", "4K")) {
            States.write(one, States.key(1), States.values(10, 64, 1), 64);
            assertTrue(one.find(States.key(1)).isPresent());
            assertTrue(other.find(States.key(1)).isEmpty());
        }
    }
}
