package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads on one store. */
@Timeout(60)
class ConcurrentUseTest {
    private static final int ROWS = 128;
    private static final int COLUMNS = 64;

    /** Rounds of three writers and two readers of one key: values are never mixed, and one state remains. */
    @Test
    void writersAndReadersOfOneKeyAgree() throws Exception {
        try (StateStore store = States.openLocal("4M", "4K");
                ExecutorService threads = Executors.newFixedThreadPool(5)) {
            long before = store.statistics().bytesHeld();
            float[] values = States.values(ROWS, COLUMNS, 1);
            for (int round = 0; round < 50; round++) {
                ContentKey key = States.key(round);
                List<Callable<Boolean>> work = new ArrayList<>();
                for (int writer = 0; writer < 3; writer++) {
                    work.add(() -> States.write(store, key, values, COLUMNS).rows() == ROWS);
                }
                for (int reader = 0; reader < 2; reader++) {
                    work.add(() -> States.read(store, key)
                            .map(read -> States.sameBits(values, read))
                            .orElse(true));
                }
                for (Future<Boolean> done : threads.invokeAll(work)) {
                    assertTrue(done.get());
                }
                assertTrue(States.sameBits(values, States.read(store, key).orElseThrow()));
                assertEquals(1, store.statistics().entries());
                store.remove(key);
            }
            assertEquals(before, store.statistics().bytesHeld(), "no writer's chunks may stay");
            assertEquals(0, store.statistics().lost());
        }
    }

    /** More states than fit, so chunks vanish while they are read: right values or a loss, never anything else. */
    @Test
    void underPressureAReadIsRightOrLost() throws Exception {
        try (StateStore store = States.openLocal("1M", "4K");
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Set<String>>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread * 17;
                work.add(() -> {
                    Set<String> outcomes = new HashSet<>();
                    for (int step = 0; step < 400; step++) {
                        outcomes.add(writeOrRead(store, (first + step * 7) % 64, step % 3 == 0));
                    }
                    return outcomes;
                });
            }
            Set<String> outcomes = new HashSet<>();
            for (Future<Set<String>> done : threads.invokeAll(work)) {
                outcomes.addAll(done.get());
            }
            assertTrue(outcomes.contains("right"), outcomes::toString);
            assertTrue(!outcomes.contains("wrong"), outcomes::toString);
            assertTrue(store.statistics().evictions() > 0);
            assertTrue(store.statistics().bytesHeld() <= store.statistics().maxBytes());
            for (int number = 0; number < 64; number++) {
                store.remove(States.key(number));
            }
            assertEquals(0, store.statistics().entries(), "every state must be counted out again");
        }
    }

    private static String writeOrRead(StateStore store, int number, boolean write) {
        float[] values = States.values(ROWS, COLUMNS, number);
        try {
            if (write) {
                States.write(store, States.key(number), values, COLUMNS);
                return "written";
            }
            Optional<float[]> read = States.read(store, States.key(number));
            return read.map(found -> States.sameBits(values, found) ? "right" : "wrong")
                    .orElse("missing");
        } catch (StateLostException e) {
            return "lost";
        }
    }
}
