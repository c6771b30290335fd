package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StepThreadTest {

    private static final int VOCABULARY = 50;

    private final FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 8, 4);
    private final AtomicBoolean warm = new AtomicBoolean();
    private final StepThread stepThread = new StepThread(
            runner,
            new SchedulerLimits(4, 8, new SpeculationLimits(3, 8, OptionalDouble.of(0.05))),
            4,
            new DecoderMetrics(new SimpleMeterRegistry()),
            broken -> warm.set(broken.isEmpty()));

    @AfterEach
    void stop() {
        stepThread.close();
        assertEquals(8, runner.pages().free());
        assertEquals(0, runner.openMemories(), "the warm-up closed its memory");
    }

    @Test
    void manyOutputsOverFewPagesAreWhatEachIsAlone() throws Exception {
        stepThread.start();
        List<Future<List<Integer>>> outputs = new ArrayList<>();
        List<List<Integer>> expected = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 24; i++) {
                FakeMemory memory = FakeMemory.of(1 + i % 3, i);
                SamplingParameters sampling =
                        i % 2 == 0 ? SamplingParameters.GREEDY : new SamplingParameters(1.3f, 0.9f, 20, 0.01f, i);
                int[] prefix = new int[i % 12];
                GenerationRequest request = new GenerationRequest(prefix, 5 + i % 14, new int[0], sampling, new int[0]);
                expected.add(
                        FakeModel.output(List.of(memory.hash()), prefix, request.maxTokens(), sampling, VOCABULARY));
                outputs.add(clients.submit(() -> new Client(stepThread).write(memory, request)));
            }
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i), outputs.get(i).get(), "output " + i);
            }
        }
    }

    @Test
    void aStopTokenEndsTheOutputAndIsItsLast() {
        stepThread.start();
        FakeMemory memory = FakeMemory.of(2, 3);
        List<Integer> endless =
                FakeModel.output(List.of(memory.hash()), new int[0], 10, SamplingParameters.GREEDY, VOCABULARY);
        Client client = new Client(stepThread);
        int[] stops = {endless.get(3)};
        List<Integer> output = client.write(
                memory, new GenerationRequest(new int[0], 10, stops, SamplingParameters.GREEDY, new int[0]));
        assertEquals(endless.subList(0, endless.indexOf(stops[0]) + 1), output);
        assertTrue(warm.get());
        assertInstanceOf(Outcome.Stopped.class, client.outcome);
    }

    @Test
    void aStepThatFailsEndsItsSequencesOnly() {
        FakeMemory poisoned = FakeMemory.of(1, 13);
        runner.beforeStep((sequences, counts) -> {
            if (sequences.stream().anyMatch(sequence -> sequence.memories().contains(poisoned))) {
                throw new IllegalStateException("planted by the test");
            }
        });
        stepThread.start();
        Client failing = new Client(stepThread);
        GenerationRequest request =
                new GenerationRequest(new int[0], 5, new int[0], SamplingParameters.GREEDY, new int[0]);
        failing.write(poisoned, request);
        TandemException reason =
                assertInstanceOf(Outcome.Failed.class, failing.outcome).reason();
        assertEquals(ErrorCode.INTERNAL, reason.code());
        assertEquals(
                5, new Client(stepThread).write(FakeMemory.of(1, 1), request).size());
    }

    @Test
    void whoLeavesIsGoneBeforeTheNextStep() throws Exception {
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        FakeMemory memory = FakeMemory.of(1, 1);
        List<Integer> steps = new ArrayList<>();
        runner.beforeStep((sequences, counts) -> {
            if (sequences.getFirst().memories().contains(memory)) {
                steps.add(steps.size());
                inStep.countDown();
                awaitQuietly(left);
            }
        });
        stepThread.start();
        Signal signal = new Signal();
        signal.own();
        GenerationRequest request =
                new GenerationRequest(new int[0], 30, new int[0], SamplingParameters.GREEDY, new int[0]);
        Generation generation = stepThread.submit(List.of(memory), request, signal);
        assertTrue(inStep.await(10, TimeUnit.SECONDS));
        generation.leave();
        left.countDown();
        generation.leaveAndAwait();
        assertInstanceOf(Outcome.Left.class, generation.outcome());
        assertEquals(1, steps.size());
    }

    @Test
    void whatCouldNeverFitIsRefusedWithBothNumbers() {
        stepThread.start();
        GenerationRequest request =
                new GenerationRequest(new int[3], 30, new int[0], SamplingParameters.GREEDY, new int[0]);
        TandemException refusal = assertThrows(
                TandemException.class, () -> stepThread.submit(List.of(FakeMemory.of(1, 1)), request, new Signal()));
        assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, refusal.code());
        assertTrue(refusal.getMessage().contains("33") && refusal.getMessage().contains("32"), refusal.getMessage());
    }

    @Test
    void closingEndsWhatIsRunningAndWhatComesLater() {
        stepThread.start();
        Signal signal = new Signal();
        signal.own();
        GenerationRequest request =
                new GenerationRequest(new int[0], 30, new int[0], SamplingParameters.GREEDY, new int[0]);
        Generation running = stepThread.submit(List.of(FakeMemory.of(1, 1)), request, signal);
        stepThread.close();
        Generation late = stepThread.submit(List.of(FakeMemory.of(1, 1)), request, signal);
        for (Generation generation : List.of(running, late)) {
            generation.leaveAndAwait();
            Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, generation.outcome());
            assertEquals(ErrorCode.DRAINING, failed.reason().code());
        }
    }

    @Test
    void aModelThatCantBeRunIsBroken() {
        runner.beforeStep((sequences, counts) -> {
            throw new IllegalStateException("planted by the test");
        });
        stepThread.start();
        Client client = new Client(stepThread);
        client.write(
                FakeMemory.of(1, 1),
                new GenerationRequest(new int[0], 5, new int[0], SamplingParameters.GREEDY, new int[0]));
        assertEquals(
                ErrorCode.UNAVAILABLE,
                assertInstanceOf(Outcome.Failed.class, client.outcome).reason().code());
        assertEquals(StepThread.State.BROKEN, stepThread.state());
        assertFalse(warm.get());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes the tokens of one output to its end. */
    private static final class Client {

        private final StepThread stepThread;
        private Outcome outcome;

        private Client(StepThread stepThread) {
            this.stepThread = stepThread;
        }

        private List<Integer> write(EncoderMemory memory, GenerationRequest request) {
            Signal signal = new Signal();
            signal.own();
            Generation generation = stepThread.submit(List.of(memory), request, signal);
            List<Integer> tokens = new ArrayList<>();
            while (generation.outcome() == null || generation.hasToken()) {
                if (generation.hasToken()) {
                    tokens.add(generation.takeToken());
                } else {
                    signal.await();
                }
            }
            outcome = generation.outcome();
            return tokens;
        }
    }
}
