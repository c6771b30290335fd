package io.tandem.engine.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.runner.ComputeTurns.Role;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class ComputeTurnsTest {

    private final AtomicLong clock = new AtomicLong();
    private final ComputeTurns turns = new ComputeTurns(clock::get);
    private final List<Role> order = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> threads = new ArrayList<>();

    @Test
    void aStepWaitsForOneSliceAndASliceForOneStep() throws InterruptedException {
        try (ComputeTurns.Turn turn = turns.take(Role.VISION)) {
            want(Role.ENCODER, 3);
            want(Role.VISION, 2);
            want(Role.DECODER, 4);
        }
        join();
        assertEquals(9, order.size());
        assertEquals(Role.DECODER, order.getFirst());
        for (int i = 1; i < 8; i++) {
            assertEquals(i % 2 == 0, order.get(i) == Role.DECODER, order.toString());
        }
    }

    @Test
    void whoeverSharesTheCoresIsNotAlone() throws InterruptedException {
        assertFalse(alone(Role.VISION), "somebody else came before");
        assertTrue(alone(Role.VISION));
        try (ComputeTurns.Turn turn = turns.take(Role.VISION)) {
            want(Role.VISION, 1);
            want(Role.DECODER, 1);
            assertTrue(turn.alone(), "they came later");
        }
        join();
        assertFalse(alone(Role.DECODER), "a picture's turn came between");
        assertTrue(alone(Role.DECODER));
    }

    private boolean alone(Role role) {
        try (ComputeTurns.Turn turn = turns.take(role)) {
            return turn.alone();
        }
    }

    @Test
    void onlyOneComputesAtATimeAndAllGetThere() throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        int[] inside = {0, 0};
        for (int i = 0; i < 8; i++) {
            Role role = Role.values()[i % 4];
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                for (int turnOfMine = 0; turnOfMine < 500; turnOfMine++) {
                    try (ComputeTurns.Turn turn = turns.take(role)) {
                        inside[0]++;
                        inside[1] = Math.max(inside[1], inside[0]);
                        order.add(role);
                        inside[0]--;
                    }
                }
            }));
        }
        start.countDown();
        join();
        assertEquals(8 * 500, order.size());
        assertEquals(1, inside[1]);
    }

    @Test
    void aRoleThatRestedSavesNothingUp() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            try (ComputeTurns.Turn turn = turns.take(Role.ENCODER)) {
                clock.addAndGet(5);
            }
        }
        try (ComputeTurns.Turn turn = turns.take(Role.VISION)) {
            want(Role.ENCODER, 4);
            want(Role.VISION, 6);
        }
        join();
        // The encoder is one turn of 5 ahead, then both take turns of 2.
        assertEquals(Role.ENCODER, order.get(3), order.toString());
        assertEquals(Role.VISION, order.get(4), order.toString());
    }

    @Test
    void weightsAreSharesOfTheTime() throws InterruptedException {
        try (ComputeTurns.Turn turn = turns.take(Role.ENCODER)) {
            want(Role.ENCODER, 12);
            want(Role.MEMORY, 12);
        }
        join();
        long memory = order.subList(0, 12).stream()
                .filter(role -> role == Role.MEMORY)
                .count();
        assertEquals(8, memory, order.toString());
    }

    /** Starts threads that each want one turn of 2 nanoseconds, and returns when they wait for it. */
    private void want(Role role, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            Thread thread = Thread.ofPlatform().start(() -> {
                try (ComputeTurns.Turn turn = turns.take(role)) {
                    order.add(role);
                    clock.addAndGet(2);
                }
            });
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            threads.add(thread);
        }
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
