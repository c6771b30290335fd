package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A full store: its bound, who makes room, and what can never fit. */
class EvictionTest {
    private static final int COLUMNS = 256;

    @Test
    void bytesStayUnderTheBoundAndTheOldestMakeRoom() {
        try (StateStore store = States.openLocal("2M", "16K")) {
            long bound = store.statistics().maxBytes();
            int states = 60; // of 100 KB: three times the store
            for (int number = 0; number < states; number++) {
                float[] values = States.values(100, COLUMNS, number);
                try (StateWriter writer = store.write(States.key(number), 100, COLUMNS)) {
                    for (int row = 0; row < 100; row++) {
                        writer.append(values, row * COLUMNS, 1);
                        assertTrue(store.statistics().bytesHeld() <= bound);
                    }
                    writer.commit();
                }
                store.find(States.key(0));
            }
            CacheStatistics statistics = store.statistics();
            assertTrue(statistics.bytesHeld() > bound * 3 / 4, "held: " + statistics.bytesHeld());
            assertTrue(statistics.evictions() > 0);
            // One of them may be about to go, with a chunk evicted and its manifest still there.
            assertTrue(statistics.entries() <= bound / 102_400 + 1, "entries: " + statistics.entries());
            assertTrue(store.find(States.key(0)).isPresent(), "always in use");
            assertTrue(store.find(States.key(states - 1)).isPresent(), "written last");
            assertTrue(store.find(States.key(1)).isEmpty(), "not used for longest");
            assertTrue(States.sameBits(
                    States.values(100, COLUMNS, 0),
                    States.read(store, States.key(0)).orElseThrow()));
        }
    }

    @Test
    void aStateLargerThanItsShareIsRefusedWithBothNumbers() {
        try (StateStore store = States.openLocal("1M", "16K")) {
            StateTooLargeException refused =
                    assertThrows(StateTooLargeException.class, () -> store.write(States.key(1), 1000, COLUMNS));
            assertEquals(786_432, refused.limit());
            assertEquals(1_024_000, refused.bytes());
            assertTrue(refused.getMessage().contains(Long.toString(refused.bytes())), refused.getMessage());
            assertTrue(refused.getMessage().contains("786432"), refused.getMessage());
            assertTrue(refused.getMessage().contains("raise tandem.cache.max-size"), refused.getMessage());
            // The product of these is more than a long holds.
            StateTooLargeException absurd = assertThrows(
                    StateTooLargeException.class,
                    () -> store.write(States.key(1), Integer.MAX_VALUE, Integer.MAX_VALUE));
            assertEquals(Long.MAX_VALUE, absurd.bytes());
            // 784,320 bytes of values would fit, with the overhead of 51 chunks they don't.
            StateTooLargeException withOverhead =
                    assertThrows(StateTooLargeException.class, () -> store.write(States.key(1), 760, 258));
            assertTrue(withOverhead.bytes() > 786_432, "bytes: " + withOverhead.bytes());
            // The largest that is not refused really fits, also into a full store.
            float[] values = States.values(760, COLUMNS, 1);
            States.write(store, States.key(2), values, COLUMNS);
            States.write(store, States.key(3), values, COLUMNS);
            assertTrue(store.find(States.key(3)).isPresent());
        }
    }

    @Test
    void settingsOutOfRangeAreRefusedByName() {
        IllegalArgumentException small =
                assertThrows(IllegalArgumentException.class, () -> States.openLocal("1023K", "16K"));
        assertEquals("tandem.cache.max-size is 1047552 bytes, it must be at least 1048576", small.getMessage());
        IllegalArgumentException chunk =
                assertThrows(IllegalArgumentException.class, () -> States.openLocal("1M", "17M"));
        assertEquals("tandem.cache.chunk-size is 17825792 bytes, it must be 1024 to 16777216", chunk.getMessage());
    }
}
