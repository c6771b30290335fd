package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;
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

/** Guesses change no output: each is what the model of one line says when it is asked for one token at a time. */
@Timeout(60)
class SpeculationTest {

    private static final int VOCABULARY = 50;
    private static final int PAGES = 10;
    private static final SpeculationLimits GUESSING = new SpeculationLimits(6, 12, OptionalDouble.of(0.05));

    private final MeterRegistry registry = new SimpleMeterRegistry();

    /** Many at once over few pages, with clients that lag: sequences lose their pages and pause in the middle of copies. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void outputsAreWhatTheyAreWithoutGuesses(long seed) throws Exception {
        Random random = new Random(seed);
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, PAGES, 4);
        CountDownLatch submitted = new CountDownLatch(20);
        try (StepThread stepThread = create(runner, GUESSING, 9);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Integer>>> outputs = new ArrayList<>();
            List<List<Integer>> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                FakeMemory memory = FakeMemory.of(1 + i % 3, i);
                SamplingParameters sampling = i % 2 == 0
                        ? SamplingParameters.GREEDY
                        : new SamplingParameters(1.3f, 0.9f, 20, 0.01f, random.nextLong());
                int[] prefix = random.ints(i % 9, 0, VOCABULARY).toArray();
                int tokens = 1 + random.nextInt(30);
                List<Integer> output = FakeModel.output(List.of(memory.hash()), prefix, tokens, sampling, VOCABULARY);
                expected.add(output);
                GenerationRequest request =
                        new GenerationRequest(prefix, tokens, new int[0], sampling, partsOf(output, random));
                outputs.add(clients.submit(() -> write(stepThread, memory, request, submitted).tokens));
            }
            // All at once, however slowly the clients came: else there might be pages for each.
            submitted.await();
            stepThread.start();
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i), outputs.get(i).get(), "output " + i + " of seed " + seed);
            }
        }
        assertEquals(PAGES, runner.pages().free());
        assertTrue(counted("speculation.accepted") > 20, "guesses were right: " + counted("speculation.accepted"));
        assertTrue(counted("speculation.proposed") > counted("speculation.accepted"), "and wrong");
        assertTrue(counted("preemptions") > 0, "pages were given back");
    }

    @Test
    void aCopyTakesFewStepsAndAnythingElseNoMoreThanOneATokenAndFewGuesses() {
        Output copied = greedy(GUESSING, 31, new int[0], true);
        assertEquals(31, copied.tokens.size());
        assertTrue(counted("steps") <= 10, counted("steps") + " steps");
        double guessed = counted("speculation.proposed");
        Output invented = greedy(GUESSING, 31, new int[0], false);
        assertEquals(copied.tokens, invented.tokens);
        assertTrue(counted("speculation.proposed") - guessed < 25, "guesses that turn out wrong become rare");
        greedy(SpeculationLimits.OFF, 31, new int[0], true);
        assertEquals(93, counted("tokens"));
    }

    /** Wherever the stop token is: behind it, nothing is emitted or counted. */
    @Test
    void anOutputThatStopsAmongRightGuessesEndsThere() {
        List<Integer> endless = greedy(SpeculationLimits.OFF, 31, new int[0], true).tokens;
        for (int i = 1; i < 30; i++) {
            int stop = endless.get(i);
            List<Integer> expected = endless.subList(0, endless.indexOf(stop) + 1);
            double before = counted("tokens");
            Output stopped = greedy(GUESSING, 31, new int[] {stop}, true);
            assertEquals(expected, stopped.tokens);
            assertInstanceOf(Outcome.Stopped.class, stopped.outcome);
            assertEquals(expected.size(), counted("tokens") - before);
            Output cut = greedy(GUESSING, i, new int[0], true);
            assertEquals(endless.subList(0, i), cut.tokens);
            assertInstanceOf(Outcome.LengthReached.class, cut.outcome);
        }
    }

    @Test
    void whoLeavesInTheMiddleOfACopyGivesEverythingBack() {
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, PAGES, 4);
        FakeMemory memory = FakeMemory.of(2, 5);
        List<Integer> output =
                FakeModel.output(List.of(memory.hash()), new int[0], 31, SamplingParameters.GREEDY, VOCABULARY);
        try (StepThread stepThread = open(runner, GUESSING, 8)) {
            Signal signal = new Signal();
            signal.own();
            Generation generation = stepThread.submit(List.of(memory), request(31, new int[0], output), signal);
            while (!generation.hasToken()) {
                signal.await();
            }
            List<Integer> taken = new ArrayList<>();
            while (generation.hasToken() && taken.size() < 10) {
                taken.add(generation.takeToken());
            }
            generation.leaveAndAwait();
            assertEquals(output.subList(0, taken.size()), taken);
            assertEquals(PAGES, runner.pages().free());
        }
    }

    private double counted(String name) {
        return registry.counter("tandem.decoder." + name).count();
    }

    private StepThread open(FakeDecoderRunner runner, SpeculationLimits speculation, int bufferTokens) {
        StepThread stepThread = create(runner, speculation, bufferTokens);
        stepThread.start();
        return stepThread;
    }

    private StepThread create(FakeDecoderRunner runner, SpeculationLimits speculation, int bufferTokens) {
        return new StepThread(
                runner,
                new SchedulerLimits(4, 16, speculation),
                bufferTokens,
                new DecoderMetrics(registry),
                broken -> {});
    }

    /** @param copying whether the output is in the source; if not, its single tokens still are, in another order */
    private Output greedy(SpeculationLimits speculation, int tokens, int[] stops, boolean copying) {
        FakeDecoderRunner runner = new FakeDecoderRunner(VOCABULARY, 100, PAGES, 4);
        FakeMemory memory = FakeMemory.of(2, 5);
        List<Integer> source =
                FakeModel.output(List.of(memory.hash()), new int[0], 60, SamplingParameters.GREEDY, VOCABULARY);
        try (StepThread stepThread = open(runner, speculation, 64)) {
            GenerationRequest request = request(tokens, stops, copying ? source : source.reversed());
            return write(stepThread, memory, request, new CountDownLatch(1));
        } finally {
            assertEquals(PAGES, runner.pages().free());
        }
    }

    private static GenerationRequest request(int tokens, int[] stops, List<Integer> source) {
        int[] ids = source.stream().mapToInt(Integer::intValue).toArray();
        return new GenerationRequest(new int[0], tokens, stops, SamplingParameters.GREEDY, ids);
    }

    /** Parts of an output between other tokens, now and then with a wrong one in them. */
    private static int[] partsOf(List<Integer> output, Random random) {
        List<Integer> source = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            random.ints(random.nextInt(5), 0, VOCABULARY).forEach(source::add);
            int from = random.nextInt(output.size());
            for (int token : output.subList(from, Math.min(output.size(), from + 12))) {
                source.add(random.nextInt(8) == 0 ? random.nextInt(VOCABULARY) : token);
            }
        }
        return source.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Output write(
            StepThread stepThread, FakeMemory memory, GenerationRequest request, CountDownLatch submitted) {
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
