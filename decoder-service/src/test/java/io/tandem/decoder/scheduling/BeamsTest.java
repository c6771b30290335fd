package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.contract.TandemException;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.GenerationRequest.Extras;
import io.tandem.engine.beams.BeamParameters;
import io.tandem.engine.beams.EarlyStopping;
import io.tandem.engine.beams.Hypothesis;
import io.tandem.engine.beams.NaiveBeamSearch;
import io.tandem.engine.sampling.LogitBias;
import io.tandem.engine.sampling.LogitRules;
import io.tandem.engine.sampling.Logprobs;
import io.tandem.engine.sampling.NaiveLogitRules;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches on the model of one line, over real pages that beams share, beside answers that are chosen token by token. */
@Timeout(60)
class BeamsTest {

    private static final int VOCABULARY = 50;

    private static final int REQUESTS = 20;

    private final MeterRegistry registry = new SimpleMeterRegistry();

    /** All requests, so that they surely meet. */
    private final CountDownLatch submitted = new CountDownLatch(REQUESTS);

    /** Over so few pages that searches lose theirs and go on from tokens that they read again. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void searchesFindWhatTheNaiveVersionFindsWhateverElseRuns(long seed) throws Exception {
        Random random = new Random(seed);
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 28, 4);
        List<GenerationRequest> requests = new ArrayList<>();
        List<Future<Output>> outputs = new ArrayList<>();
        try (StepThread stepThread = open(runner, 12);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            runner.beforeStep((sequences, counts) -> await(submitted));
            for (int i = 0; i < REQUESTS; i++) {
                GenerationRequest request = i % 3 == 0 ? plain(random) : search(random, i);
                FakeMemory memory = FakeMemory.of(2, i);
                requests.add(request);
                outputs.add(clients.submit(() -> write(stepThread, memory, request)));
            }
            for (int i = 0; i < requests.size(); i++) {
                long memory = FakeMemory.of(2, i).hash();
                Output output = outputs.get(i).get();
                if (i % 3 == 0) {
                    assertEquals(FakeModel.output(List.of(memory), requests.get(i), VOCABULARY), output.tokens);
                } else {
                    assertFound(naive(memory, requests.get(i)), output.outcome, "output " + i + " of seed " + seed);
                }
            }
        }
        assertEquals(28, runner.pages().free());
        runner.verifyPages();
        assertTrue(runner.forks() > 50, "beams began as others: " + runner.forks());
        assertTrue(counted("preemptions") > 0, "pages were given back");
    }

    @Test
    void beamsShareWhatTheyHaveInCommon() throws Exception {
        // A prefix of 40 tokens and 5 new ones: four beams with pages of their own would need 48.
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 48, 4);
        int[] most = {0};
        GenerationRequest request = new GenerationRequest(
                new int[40],
                5,
                new int[0],
                SamplingParameters.GREEDY,
                new int[0],
                extras(4, 4, EarlyStopping.HEURISTIC));
        try (StepThread stepThread = open(runner, 4)) {
            runner.beforeStep((sequences, counts) ->
                    most[0] = Math.max(most[0], 48 - runner.pages().free()));
            assertInstanceOf(Outcome.Found.class, write(stepThread, FakeMemory.of(2, 1), request).outcome);
        }
        assertTrue(most[0] <= 10 + 4 * 2, most[0] + " pages");
        assertEquals(48, runner.pages().free());
    }

    @Test
    void whoLeavesGivesEverythingBack() throws Exception {
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 60, 4);
        CountDownLatch searching = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        Signal signal = new Signal();
        signal.own();
        try (StepThread stepThread = open(runner, 4)) {
            runner.beforeStep((sequences, counts) -> {
                if (sequences.size() == 4) {
                    searching.countDown();
                    await(left);
                }
            });
            GenerationRequest request = new GenerationRequest(
                    new int[3],
                    50,
                    new int[0],
                    SamplingParameters.GREEDY,
                    new int[0],
                    extras(4, 1, EarlyStopping.HEURISTIC));
            Generation generation = stepThread.submit(List.of(FakeMemory.of(2, 1)), request, signal);
            await(searching);
            generation.leave();
            left.countDown();
            generation.leaveAndAwait();
            assertInstanceOf(Outcome.Left.class, generation.outcome());
        }
        assertEquals(60, runner.pages().free());
    }

    @Test
    void aStepThatFailsEndsTheWholeSearch() throws Exception {
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 60, 4);
        try (StepThread stepThread = open(runner, 4)) {
            runner.beforeStep((sequences, counts) -> {
                if (sequences.size() == 3) {
                    throw new IllegalStateException("planted by the test");
                }
            });
            GenerationRequest request = new GenerationRequest(
                    new int[0],
                    9,
                    new int[0],
                    SamplingParameters.GREEDY,
                    new int[0],
                    extras(3, 1, EarlyStopping.HEURISTIC));
            assertInstanceOf(Outcome.Failed.class, write(stepThread, FakeMemory.of(2, 1), request).outcome);
            assertEquals(60, runner.pages().free());
        }
    }

    @Test
    void whatCanNeverBeWrittenIsRefusedWithTheNumbersAndTheSetting() {
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, 12, 4);
        try (StepThread stepThread = open(runner, 4)) {
            TandemException wide = assertThrows(TandemException.class, () -> submit(stepThread, 5, 5));
            assertEquals(Optional.of("best_of"), wide.param());
            assertTrue(wide.getMessage().contains("tandem.decoder.max-batch"), wide.getMessage());
            TandemException large = assertThrows(TandemException.class, () -> submit(stepThread, 4, 13));
            assertEquals(Optional.of("max_tokens"), large.param());
            assertTrue(large.getMessage().contains("4 times 13 tokens"), large.getMessage());
        }
    }

    private static void submit(StepThread stepThread, int width, int tokens) {
        GenerationRequest request = new GenerationRequest(
                new int[0],
                tokens,
                new int[0],
                SamplingParameters.GREEDY,
                new int[0],
                extras(width, 1, EarlyStopping.HEURISTIC));
        stepThread.submit(List.of(FakeMemory.of(2, 1)), request, new Signal());
    }

    private static Extras extras(int width, int answers, EarlyStopping earlyStopping) {
        return new Extras(
                LogitRules.NONE,
                0,
                Extras.NO_LOGPROBS,
                Optional.of(new BeamParameters(width, answers, 1, earlyStopping)));
    }

    private static GenerationRequest plain(Random random) {
        return new GenerationRequest(
                random.ints(random.nextInt(6), 0, VOCABULARY).toArray(),
                4 + random.nextInt(20),
                new int[0],
                SamplingParameters.GREEDY,
                new int[0]);
    }

    private static GenerationRequest search(Random random, int number) {
        int tokens = 3 + random.nextInt(18);
        int width = 2 + random.nextInt(3);
        LogitRules rules = number % 4 == 0
                ? new LogitRules(0.5f, 0, 1.5f, new LogitBias(new int[] {3}, new float[] {1}))
                : LogitRules.NONE;
        BeamParameters beams = new BeamParameters(
                width, 1 + random.nextInt(width), number % 5 - 1, EarlyStopping.values()[number % 3]);
        return new GenerationRequest(
                random.ints(random.nextInt(9), 0, VOCABULARY).toArray(),
                tokens,
                random.ints(0, VOCABULARY).distinct().limit(random.nextInt(9)).toArray(),
                SamplingParameters.GREEDY,
                new int[0],
                new Extras(rules, random.nextInt(3), Extras.NO_LOGPROBS, Optional.of(beams)));
    }

    private static List<Hypothesis> naive(long memory, GenerationRequest request) {
        List<Integer> before = new ArrayList<>(List.of(FakeModel.START_TOKEN));
        for (int token : request.prefix()) {
            before.add(token);
        }
        BeamParameters beams = request.extras().beams().orElseThrow();
        return new NaiveBeamSearch(beams, request.maxTokens(), request.stopTokens()).run(tokens -> {
            long seen = FakeModel.begin(List.of(memory));
            for (int token : before) {
                seen = FakeModel.read(seen, token);
            }
            for (int token : tokens) {
                seen = FakeModel.read(seen, token);
            }
            float[] logprobs = new float[VOCABULARY];
            FakeModel.logits(seen, logprobs, VOCABULARY);
            Logprobs.normalise(logprobs);
            float[] changed = NaiveLogitRules.apply(request.extras().rules(), logprobs, before, tokens);
            if (tokens.size() < request.extras().minTokens()) {
                for (int stop : request.stopTokens()) {
                    changed[stop] = Float.NEGATIVE_INFINITY;
                }
            }
            return changed;
        });
    }

    private static void assertFound(List<Hypothesis> expected, Outcome outcome, String what) {
        List<Hypothesis> found =
                assertInstanceOf(Outcome.Found.class, outcome, what).answers();
        assertEquals(expected.size(), found.size(), what);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i).tokens(), found.get(i).tokens(), what + ", answer " + i);
            assertEquals(expected.get(i).score(), found.get(i).score(), what);
            assertEquals(expected.get(i).stopped(), found.get(i).stopped(), what);
        }
    }

    private double counted(String name) {
        return registry.counter("tandem.decoder." + name).count();
    }

    /** Returns after the warm-up, which would use pages too. */
    private StepThread open(FakeDecoderRunner runner, int maxBatch) {
        SchedulerLimits limits =
                new SchedulerLimits(maxBatch, 16, new SpeculationLimits(6, 12, OptionalDouble.of(0.05)));
        CountDownLatch warm = new CountDownLatch(1);
        StepThread stepThread =
                new StepThread(runner, limits, 9, new DecoderMetrics(registry), broken -> warm.countDown());
        stepThread.start();
        await(warm);
        return stepThread;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Output write(StepThread stepThread, FakeMemory memory, GenerationRequest request) {
        Signal signal = new Signal();
        signal.own();
        Generation generation = stepThread.submit(List.of(memory), request, signal);
        submitted.countDown();
        List<Integer> tokens = new ArrayList<>();
        while (generation.outcome() == null || generation.hasToken()) {
            if (generation.hasToken()) {
                tokens.add(generation.takeToken());
            } else {
                signal.await();
            }
        }
        return new Output(tokens, generation.outcome());
    }

    private record Output(List<Integer> tokens, Outcome outcome) {}
}
