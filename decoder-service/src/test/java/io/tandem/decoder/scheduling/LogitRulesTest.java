package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.GenerationRequest.Extras;
import io.tandem.engine.sampling.LogitBias;
import io.tandem.engine.sampling.LogitRules;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Penalties, biases and least lengths, greedy and drawn, among guesses and others without any, over so few pages that all lose theirs. */
@Timeout(60)
class LogitRulesTest {

    private static final int VOCABULARY = 50;
    private static final int PAGES = 10;

    private static final int REQUESTS = 24;

    private final MeterRegistry registry = new SimpleMeterRegistry();

    /** All requests, so that they surely meet. */
    private final CountDownLatch submitted = new CountDownLatch(REQUESTS);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void outputsAreWhatTheNaiveVersionChooses(long seed) throws Exception {
        Random random = new Random(seed);
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, PAGES, 4);
        List<List<Integer>> expected = new ArrayList<>();
        List<Future<List<Integer>>> outputs = new ArrayList<>();
        try (StepThread stepThread = open(runner);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            runner.beforeStep((sequences, counts) -> await(submitted));
            for (int i = 0; i < REQUESTS; i++) {
                FakeMemory memory = FakeMemory.of(1 + i % 3, i);
                GenerationRequest request = request(random, i);
                List<Integer> output = FakeModel.output(List.of(memory.hash()), request, VOCABULARY);
                expected.add(output);
                int[] source = output.stream().mapToInt(Integer::intValue).toArray();
                GenerationRequest guessable = new GenerationRequest(
                        request.prefix(),
                        request.maxTokens(),
                        request.stopTokens(),
                        request.sampling(),
                        source,
                        request.extras());
                outputs.add(clients.submit(() -> write(stepThread, memory, guessable)));
            }
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i), outputs.get(i).get(), "output " + i + " of seed " + seed);
            }
        }
        assertEquals(PAGES, runner.pages().free());
        assertTrue(counted("speculation.accepted") > 20, "guesses were right: " + counted("speculation.accepted"));
        assertTrue(counted("preemptions") > 0, "pages were given back");
    }

    private static GenerationRequest request(Random random, int number) {
        SamplingParameters sampling = number % 2 == 0
                ? SamplingParameters.GREEDY
                : new SamplingParameters(1.1f, 0.95f, 0, 0, random.nextLong());
        LogitRules rules =
                switch (number % 6) {
                    case 0 -> LogitRules.NONE;
                    case 1 -> new LogitRules(0, 0, 1, new LogitBias(new int[] {7, 8}, new float[] {3, -100}));
                    case 2 -> new LogitRules(1.5f, 0, 1, LogitBias.NONE);
                    case 3 -> new LogitRules(-2, -1, 1, LogitBias.NONE);
                    case 4 -> new LogitRules(0, 0, 1.8f, LogitBias.NONE);
                    default -> new LogitRules(0.5f, 1, 0.6f, new LogitBias(new int[] {9}, new float[] {2}));
                };
        int[] prefix = random.ints(number % 5, 0, VOCABULARY).toArray();
        int[] stops = random.ints(number % 4 == 0 ? 0 : 6, 0, VOCABULARY).toArray();
        int tokens = 5 + random.nextInt(25);
        Extras extras =
                new Extras(rules, number % 3 == 0 ? 0 : random.nextInt(tokens), Extras.NO_LOGPROBS, Optional.empty());
        return new GenerationRequest(prefix, tokens, stops, sampling, new int[0], extras);
    }

    private StepThread open(FakeDecoderRunner runner) {
        SchedulerLimits limits = new SchedulerLimits(4, 16, new SpeculationLimits(6, 12, OptionalDouble.of(0.05)));
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

    private double counted(String name) {
        return registry.counter("tandem.decoder." + name).count();
    }

    private List<Integer> write(StepThread stepThread, FakeMemory memory, GenerationRequest request) {
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
        return tokens;
    }
}
