package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

    @Test
    void runsEveryTaskOnceWhoeverAsks() throws InterruptedException {
        AtomicInteger wrong = new AtomicInteger();
        try (WorkerPool pool = new WorkerPool(3)) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(Thread.ofPlatform().start(() -> {
                    for (int tasks = 0; tasks < 200; tasks++) {
                        wrong.addAndGet(runsNotDoneOnce(pool, tasks));
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertEquals(0, wrong.get());
    }

    private static int runsNotDoneOnce(WorkerPool pool, int tasks) {
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(tasks, (i, scratch) -> runs.incrementAndGet(i));
        }
        int wrong = 0;
        for (int i = 0; i < tasks; i++) {
            wrong += runs.get(i) == 1 ? 0 : 1;
        }
        return wrong;
    }

    @Test
    void carriesExceptionsToTheCallerAndGoesOn() {
        try (WorkerPool pool = new WorkerPool(2)) {
            IllegalArgumentException thrown = new IllegalArgumentException("task 7");
            try (WorkerPool.Turn turn = pool.turn()) {
                assertSame(
                        thrown,
                        assertThrows(
                                IllegalArgumentException.class,
                                () -> turn.run(50, (i, scratch) -> {
                                    if (i == 7) {
                                        throw thrown;
                                    }
                                })));
            }
            assertEquals(0, runsNotDoneOnce(pool, 50));
        }
    }

    @Test
    void closingEndsItsThreadsAndRefusesWork() {
        WorkerPool pool = new WorkerPool(3);
        assertEquals(0, runsNotDoneOnce(pool, 10));
        List<Thread> workers = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tandem-cpu-"))
                .filter(thread -> pool.owns(thread))
                .toList();
        assertEquals(2, workers.size());
        pool.close();
        pool.close();
        for (Thread worker : workers) {
            assertFalse(worker.isAlive(), worker.getName());
        }
        assertThrows(IllegalStateException.class, pool::turn);
    }

    @Test
    void needsAThread() {
        assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
    }
}
