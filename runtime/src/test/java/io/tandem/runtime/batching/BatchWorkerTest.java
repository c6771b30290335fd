package io.tandem.runtime.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BatchWorkerTest {

    private static final BatchLimits LIMITS = new BatchLimits(4, "tandem.test.max-queue", 10, "tandem.test.max-batch");

    private final GatedRunner runner = new GatedRunner();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final BatchMetrics metrics = new BatchMetrics(registry, "tandem.test", "units");

    @Test
    void whatWaitsRunsTogetherAsFarAsTheBudgetGoes() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            CompletableFuture<Integer> running = occupy(worker);
            List<CompletableFuture<Integer>> waiting =
                    List.of(worker.submit(4), worker.submit(5), worker.submit(2), worker.submit(20));
            assertEquals(4, registry.get("tandem.test.queue.depth").gauge().value());
            runner.mayRun.release(10);

            assertEquals(2, running.join());
            assertEquals(
                    List.of(8, 10, 4, 40),
                    waiting.stream().map(CompletableFuture::join).toList());
            // 4 + 5 fit into 10, 2 more would not, and 20 runs alone although it is more than a batch may weigh.
            assertEquals(List.of(List.of(1), List.of(4, 5), List.of(2), List.of(20)), runner.batches);
        }
        assertEquals(32, registry.get("tandem.test.units.encoded").counter().count());
        assertEquals(0, registry.get("tandem.test.queue.depth").gauge().value());
    }

    @Test
    void aFullQueueNamesBothNumbersAndTheSetting() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            occupy(worker);
            for (int i = 0; i < LIMITS.maxWaiting(); i++) {
                worker.submit(1);
            }
            TandemException refusal = assertThrows(TandemException.class, () -> worker.submit(1));
            assertEquals(ErrorCode.OVERLOADED, refusal.code());
            assertEquals(
                    "4 items wait to be encoded, limit 4; try again later or raise tandem.test.max-queue",
                    refusal.getMessage());
            runner.mayRun.release(10);
        }
    }

    @Test
    void cancelledItemsMakeRoomAndNeverRun() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            occupy(worker);
            List<CompletableFuture<Integer>> waiting =
                    List.of(worker.submit(2), worker.submit(3), worker.submit(3), worker.submit(3));
            waiting.get(1).cancel(false);
            waiting.get(2).cancel(false);
            CompletableFuture<Integer> late = worker.submit(4);
            runner.mayRun.release(10);

            assertEquals(8, late.join());
            assertEquals(List.of(List.of(1), List.of(2, 3, 4)), runner.batches);
        }
    }

    @Test
    void onlyTheGuiltyItemFails() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            occupy(worker);
            CompletableFuture<Integer> good = worker.submit(2);
            CompletableFuture<Integer> guilty = worker.submit(-3);
            CompletableFuture<Integer> alsoGood = worker.submit(4);
            runner.mayRun.release(10);

            assertEquals(4, good.join());
            assertEquals(8, alsoGood.join());
            CompletionException failure = assertThrows(CompletionException.class, guilty::join);
            assertInstanceOf(IllegalArgumentException.class, failure.getCause());
        }
        assertEquals(List.of(List.of(1), List.of(2, -3, 4), List.of(2), List.of(-3), List.of(4)), runner.batches);
        assertEquals(7, registry.get("tandem.test.units.encoded").counter().count());
    }

    @Test
    void closingRunsWhatWaitsAndThenClosesTheRunner() {
        BatchWorker<Integer, Integer> worker = worker();
        CompletableFuture<Integer> running = occupy(worker);
        CompletableFuture<Integer> waiting = worker.submit(3);
        runner.mayRun.release(10);
        worker.close();

        assertTrue(runner.closed);
        assertEquals(2, running.getNow(null));
        assertEquals(6, waiting.getNow(null));
        TandemException refusal = assertThrows(TandemException.class, () -> worker.submit(1));
        assertEquals(ErrorCode.DRAINING, refusal.code());
    }

    @Test
    void limitsBelowOneAreRefusedByName() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, "a.b", 0, "c.d"));
        assertEquals("c.d is 0; it must be at least 1", refusal.getMessage());
    }

    private BatchWorker<Integer, Integer> worker() {
        return BatchWorker.start("test-runner", runner, LIMITS, metrics);
    }

    /** Returns once an item runs, which it does until the test lets it. */
    private CompletableFuture<Integer> occupy(BatchWorker<Integer, Integer> worker) {
        CompletableFuture<Integer> running = worker.submit(1);
        runner.entered.acquireUninterruptibly();
        assertFalse(running.isDone());
        return running;
    }
}
