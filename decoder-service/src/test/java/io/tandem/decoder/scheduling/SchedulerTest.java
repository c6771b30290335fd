package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The policy alone, one plan at a time, on pages of four tokens. */
class SchedulerTest {

    private static final int VOCABULARY = 50;
    private static final SamplingParameters DRAWN = new SamplingParameters(1, 1, 0, 0, 5);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Signal toScheduler = new Signal();
    private Batch batch;
    private FakeDecoderRunner runner;
    private Scheduler scheduler;
    private DecoderStep step;

    @Test
    void sequencesJoinAndLeaveAtEveryStep() {
        open(16, 8, 8);
        Generation first = enqueue(1, 3);
        assertEquals(List.of(first), plan());
        run();
        Generation second = enqueue(2, 5);
        assertEquals(List.of(first, second), plan());
        run();
        first.leave();
        assertEquals(List.of(second), plan());
        assertInstanceOf(Outcome.Left.class, first.outcome());
        run();
        assertEquals(2, taken(first).size());
        assertEquals(expected(second, 2), taken(second));
    }

    @Test
    void theBatchHasNoMoreThanItsLimitAndTheRestWaitInOrder() {
        open(16, 2, 8);
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            generations.add(enqueue(i, 9));
        }
        assertEquals(generations.subList(0, 2), plan());
        generations.get(1).leave();
        assertEquals(List.of(generations.get(0), generations.get(2)), plan());
        assertFalse(generations.get(3).started());
    }

    @Test
    void aPrefixIsReadInChunksOfWhatGeneratingSequencesLeave() {
        open(16, 4, 5);
        Generation generating = enqueue(1, 20);
        plan();
        run();
        Generation prefixed = enqueue(2, 4, new int[] {7, 8, 9, 10, 11, 12, 13, 14, 15});
        // Ten tokens with the start token, four in a step.
        for (int rows : new int[] {5, 5, 3}) {
            assertEquals(List.of(generating, prefixed), plan());
            assertFalse(prefixed.hasToken());
            run();
            assertEquals(rows, step.rows());
        }
        assertEquals(expected(prefixed, 1), taken(prefixed));
    }

    @Test
    void theYoungestGivesItsPagesBackAndItsOutputStaysTheSame() {
        open(4, 8, 8);
        Generation old = enqueue(1, 12);
        Generation young = enqueue(2, 10);
        List<Integer> oldTokens = new ArrayList<>();
        List<Integer> youngTokens = new ArrayList<>();
        while (oldTokens.size() < 12 || youngTokens.size() < 10) {
            List<Generation> planned = plan();
            if (old.outcome() == null) {
                assertTrue(planned.contains(old), "the oldest always goes on");
            }
            run();
            oldTokens.addAll(taken(old));
            youngTokens.addAll(taken(young));
        }
        assertEquals(expected(old, 12), oldTokens);
        assertEquals(expected(young, 10), youngTokens);
        assertTrue(registry.counter("tandem.decoder.preemptions").count() >= 1);
        assertEquals(4, runner.pages().free());
    }

    @Test
    void aFullBufferTakesItsSequenceOutOfTheBatchUntilTheClientHasCaughtUp() {
        open(16, 1, 8);
        Generation slow = enqueue(1, 100);
        for (int i = 0; i < 8; i++) {
            plan();
            run();
        }
        Generation other = enqueue(2, 100);
        assertEquals(List.of(other), plan(), "its place in the batch is free for others");
        other.leave();
        assertEquals(List.of(), plan());
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tokens.add(slow.takeToken());
        }
        assertEquals(List.of(), plan(), "five of eight tokens are still there");
        tokens.add(slow.takeToken());
        assertEquals(List.of(slow), plan());
        run();
        tokens.addAll(taken(slow));
        assertEquals(expected(slow, 9), tokens);
    }

    @Test
    void aPausedSequenceLosesItsPagesToWhoeverCanUseThem() {
        open(4, 8, 16);
        Generation slow = enqueue(1, 11);
        for (int i = 0; i < 9; i++) {
            plan();
            run();
        }
        assertEquals(2, runner.pages().free());
        Generation next = enqueue(2, 4, new int[] {5, 6, 7, 8, 9, 10, 11, 12});
        assertEquals(List.of(next), plan(), "it needs three pages");
        run();
        List<Integer> tokens = new ArrayList<>(taken(slow));
        next.leave();
        while (tokens.size() < 11) {
            plan();
            run();
            tokens.addAll(taken(slow));
        }
        assertEquals(expected(slow, 11), tokens);
    }

    /** A step thread with nothing else to do waits for its signal: a client that catches up has to give it. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoLostItsPagesAheadOfItsClientIsTakenUpAgainWhenTheClientHasCaughtUp() {
        open(4, 8, 16);
        toScheduler.own();
        Generation first = enqueue(1, 100);
        Generation second = enqueue(2, 9, 5);
        for (int i = 0; i < 7; i++) {
            plan();
            run();
        }
        assertEquals(List.of(first), plan(), "the second needs a fifth page");
        first.leave();
        toScheduler.await();
        assertEquals(List.of(), plan(), "seven of eight tokens are still in the buffer");
        // The end of the first one was signalled too.
        toScheduler.awaitUntil(System.nanoTime());
        List<Integer> tokens = new ArrayList<>(taken(second));
        toScheduler.await();
        while (tokens.size() < 9) {
            assertEquals(List.of(second), plan());
            run();
            tokens.addAll(taken(second));
        }
        assertEquals(expected(second, 9), tokens);
    }

    @Test
    void whoLeavesWhileWaitingIsForgotten() {
        open(16, 1, 8);
        enqueue(1, 9);
        Generation waiting = enqueue(2, 9);
        plan();
        assertNull(waiting.outcome());
        waiting.leave();
        plan();
        assertInstanceOf(Outcome.Left.class, waiting.outcome());
    }

    private void open(int pages, int maxBatch, int stepTokens) {
        runner = new FakeDecoderRunner(VOCABULARY, 1000, pages, 4);
        step = runner.newStep();
        SchedulerLimits limits = new SchedulerLimits(maxBatch, stepTokens, SpeculationLimits.OFF);
        batch = new Batch(limits);
        scheduler = new Scheduler(runner, limits, new DecoderMetrics(registry));
    }

    private Generation enqueue(float state, int maxTokens, int... prefix) {
        GenerationRequest request = new GenerationRequest(prefix, maxTokens, new int[0], DRAWN, new int[0]);
        Generation generation = new Generation(
                List.of(FakeMemory.of(2, state)), request, new TokenBuffer(8), new Signal(), toScheduler);
        scheduler.enqueue(generation);
        return generation;
    }

    private List<Generation> plan() {
        scheduler.plan(batch);
        List<Generation> planned = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            planned.add(batch.sequence(i).generation());
        }
        return planned;
    }

    private void run() {
        batch.describe(step);
        runner.run(step);
        float[] logits = new float[VOCABULARY];
        for (int entry = 0; entry < batch.size(); entry++) {
            Sequence sequence = batch.sequence(entry);
            if (sequence.unread() > 0) {
                continue;
            }
            step.logits(entry, 0, logits);
            int token = new Sampler(VOCABULARY).sample(logits, DRAWN, sequence.length());
            sequence.append(token);
            sequence.generation().emit(token, null);
            if (sequence.generated() == sequence.generation().request().maxTokens()) {
                scheduler.end(batch.group(entry), new Outcome.LengthReached());
            }
        }
    }

    private static List<Integer> taken(Generation generation) {
        List<Integer> tokens = new ArrayList<>();
        while (generation.hasToken()) {
            tokens.add(generation.takeToken());
        }
        return tokens;
    }

    private static List<Integer> expected(Generation generation, int tokens) {
        List<Long> memories = generation.memories().stream()
                .map(memory -> ((FakeMemory) memory).hash())
                .toList();
        return FakeModel.output(memories, generation.request().prefix(), tokens, DRAWN, VOCABULARY);
    }
}
