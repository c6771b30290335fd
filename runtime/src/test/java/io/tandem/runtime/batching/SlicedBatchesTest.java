package io.tandem.runtime.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SlicedBatchesTest {

    private static final BatchLimits LIMITS =
            new BatchLimits(1000, "tandem.test.max-queue", 64, "tandem.test.max-batch");
    private static final int ENDLESS = 1_000_000;

    private final SlicingRunner runner = new SlicingRunner();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final BatchWorker<Integer, Integer> worker =
            BatchWorker.start("test-runner", runner, LIMITS, new BatchMetrics(registry, "tandem.test", "units"));

    @AfterEach
    void runToTheEnd() {
        runner.maySlice.release(ENDLESS);
        worker.close();
        assertTrue(runner.open.isEmpty());
    }

    @Test
    void aShortItemWaitsForOneSliceOfALongOneOnly() {
        CompletableFuture<Integer> document = worker.submit(200);
        runner.slice(3);
        CompletableFuture<Integer> question = worker.submit(2);
        // The slice that the worker may have begun already, then the question's two.
        runner.slice(3);
        assertEquals(2, question.join());
        assertFalse(document.isDone());
        int first = runner.slices.indexOf(List.of(2));
        assertTrue(first <= 4, runner.slices.toString());
        assertEquals(List.of(2), runner.slices.get(first + 1));
    }

    @Test
    void anItemThatIsNotMuchShorterWaitsForTheWhole() {
        worker.submit(40);
        runner.slice(1);
        CompletableFuture<Integer> later = worker.submit(20);
        runner.slice(39);
        assertFalse(later.isDone());
        runner.slice(20);
        assertEquals(20, later.join());
    }

    @Test
    void aStreamOfShortItemsLeavesALongOneEveryNinthSlice() {
        CompletableFuture<Integer> document = worker.submit(40);
        runner.slice(1);
        List<CompletableFuture<Integer>> questions = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            questions.add(worker.submit(1));
        }
        int slices = 1;
        while (!document.isDone()) {
            runner.slice(1);
            slices++;
            questions.add(worker.submit(1));
            assertTrue(slices <= 1 + 40 * 9 + 9, "the document is not done after " + slices + " slices");
        }
    }

    @Test
    void nothingShortGoesWithSomethingLong() {
        worker.submit(1);
        runner.begun.acquireUninterruptibly();
        List<CompletableFuture<Integer>> waiting =
                List.of(worker.submit(40), worker.submit(1), worker.submit(20), worker.submit(2));
        runner.maySlice.release(ENDLESS);
        waiting.forEach(CompletableFuture::join);
        assertTrue(runner.slices.contains(List.of(40, 20)), runner.slices.toString());
        assertTrue(runner.slices.contains(List.of(1, 2)), runner.slices.toString());
    }

    @Test
    void openBatchesHoldNotMuchMoreThanTheLargest() {
        Random random = new Random(7);
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(worker.submit(random.nextInt(5) == 0 ? 65 + random.nextInt(60) : 1 + random.nextInt(40)));
            runner.slice(1);
        }
        runner.maySlice.release(ENDLESS);
        all.forEach(CompletableFuture::join);
        assertTrue(runner.mostOpenWeight <= 124 * 4 / 3, "open at once: " + runner.mostOpenWeight);
        int weight = all.stream().mapToInt(CompletableFuture::join).sum();
        assertEquals(weight, registry.get("tandem.test.units.encoded").counter().count());
    }

    @Test
    void whatNobodyWaitsForIsGivenUpBetweenSlices() {
        CompletableFuture<Integer> document = worker.submit(ENDLESS);
        runner.slice(2);
        document.cancel(false);
        CompletableFuture<Integer> next = worker.submit(1);
        runner.maySlice.release(2);
        assertEquals(1, next.join());
        assertTrue(runner.slices.size() <= 4, runner.slices.size() + " slices");
    }
}
