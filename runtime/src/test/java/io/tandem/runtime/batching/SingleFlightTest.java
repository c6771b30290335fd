package io.tandem.runtime.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SingleFlightTest {

    /** Work that was handed over and not begun. */
    private final Queue<Runnable> handedOver = new ArrayDeque<>();

    private final SingleFlight<String, String> flights = new SingleFlight<>(handedOver::add);

    @Test
    void equalWorkIsDoneOnceAndThenForgotten() {
        try (SingleFlight.Ticket<String> first = flights.join("a", flight -> "made");
                SingleFlight.Ticket<String> second = flights.join("a", flight -> "made twice");
                SingleFlight.Ticket<String> other = flights.join("b", flight -> "other")) {
            assertTrue(first.first());
            assertFalse(second.first());
            assertTrue(other.first());
            assertEquals(2, handedOver.size());
            handedOver.forEach(Runnable::run);
            assertEquals("made", first.result().join());
            assertEquals("made", second.result().join());
            assertEquals("other", other.result().join());
        }
        try (SingleFlight.Ticket<String> later = flights.join("a", flight -> "again")) {
            assertTrue(later.first());
        }
    }

    @Test
    void aFailureReachesEveryoneAndIsNotKept() {
        IllegalStateException cause = new IllegalStateException("broken");
        try (SingleFlight.Ticket<String> first = flights.join("a", flight -> {
                    throw cause;
                });
                SingleFlight.Ticket<String> second = flights.join("a", flight -> "unused")) {
            handedOver.remove().run();
            assertSame(
                    cause,
                    assertThrows(CompletionException.class, first.result()::join)
                            .getCause());
            assertSame(
                    cause,
                    assertThrows(CompletionException.class, second.result()::join)
                            .getCause());
            try (SingleFlight.Ticket<String> later = flights.join("a", flight -> "mended")) {
                handedOver.remove().run();
                assertEquals("mended", later.result().join());
            }
        }
    }

    @Test
    void whatNobodyWaitsForIsNotBegun() {
        SingleFlight.Ticket<String> first = flights.join("a", flight -> "unwanted");
        SingleFlight.Ticket<String> second = flights.join("a", flight -> "unwanted");
        first.close();
        second.close();
        try (SingleFlight.Ticket<String> later = flights.join("a", flight -> "wanted")) {
            assertTrue(later.first(), "an abandoned flight must not be joined");
            handedOver.remove().run();
            assertThrows(CancellationException.class, first.result()::join);
            handedOver.remove().run();
            assertEquals("wanted", later.result().join());
        }
    }

    @Test
    void theLastToLeaveCancelsTheStepThatTheWorkWaitsFor() throws InterruptedException {
        CompletableFuture<String> step = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        SingleFlight.Ticket<String> first = flights.join("a", flight -> {
            begun.countDown();
            return flight.await(step);
        });
        SingleFlight.Ticket<String> second = flights.join("a", flight -> "unused");
        Thread worker = Thread.ofPlatform().start(handedOver.remove());
        begun.await();
        first.close();
        assertFalse(step.isCancelled(), "one still waits");
        second.close();
        worker.join();
        assertTrue(step.isCancelled());
        assertTrue(second.result().isCompletedExceptionally());
    }

    @Test
    void anExecutorThatRefusesFailsTheFlight() {
        SingleFlight<String, String> closed = new SingleFlight<>(work -> {
            throw new IllegalStateException("closed");
        });
        try (SingleFlight.Ticket<String> ticket = closed.join("a", flight -> "unused")) {
            assertThrows(CompletionException.class, ticket.result()::join);
        }
    }
}
