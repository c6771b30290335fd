package io.tandem.engine.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.engine.beams.BeamParameters;
import io.tandem.engine.beams.EarlyStopping;
import io.tandem.engine.beams.Hypothesis;
import io.tandem.engine.checkpoint.Bfloat16Weights;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.GoldenTensor;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.golden.GreedyGeneration.Answer;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.MemoryForm;
import io.tandem.engine.runner.VisionRunner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of the golden checkpoints on one backend: answers token by token, greedy and by beam search, and the tensors on the
 * way within 2e-4 of the largest value. Subclass it and open the backend.
 */
public abstract class GoldenConformance {

    private static final List<String> FOLDERS = List.of(
            "text-sliding",
            "text-sliding-odd",
            "softcap",
            "multimodal",
            "legacy-names",
            "legacy-sharded",
            "legacy-bfloat16");

    /** Opens the backend under test. */
    protected abstract Ops open();

    /** In which form the decoder keeps all texts. */
    protected MemoryForm form() {
        return MemoryForm.PROJECTED;
    }

    @TestFactory
    Stream<DynamicTest> answersTokenByToken() {
        return cases((folder, golden) -> withEngine(folder, golden, runners -> {
            Set<Integer> stopTokens = stopTokens(golden, runners.engine());
            int maxTokens = golden.generate("max_new_tokens").asInt();
            try (GreedyGeneration generation = runners.generation(golden)) {
                List<Answer> answers = generation.run(maxTokens, stopTokens, Integer.MAX_VALUE / 2);
                assertAnswers(golden, answers);
                runners.decoder().verifyPages();
                assertEquals(
                        runners.decoder().pages().total(),
                        runners.decoder().pages().free());
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> givesTheSameBitsWithThePrefixInChunks() {
        return cases((folder, golden) -> {
            if (golden.tensors().containsKey("decoder_input_ids")) {
                withEngine(folder, golden, runners -> {
                    try (GreedyGeneration generation = runners.generation(golden)) {
                        List<Answer> whole = generation.run(4, Set.of(), 1000);
                        for (int chunk : new int[] {1, 3, 8}) {
                            assertSameBits(whole, generation.run(4, Set.of(), chunk));
                        }
                    }
                });
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> findsTheSameTokensWithoutDistributions() {
        return cases((folder, golden) -> withEngine(folder, golden, runners -> {
            try (GreedyGeneration generation = runners.generation(golden)) {
                List<List<Integer>> expected = tokens(generation.run(8, Set.of(), 1000));
                assertEquals(expected, tokens(generation.run(8, Set.of(), 1000, DecoderStep.Asked.BEST)));
            }
        }));
    }

    private static List<List<Integer>> tokens(List<Answer> answers) {
        return answers.stream().map(Answer::tokens).toList();
    }

    @TestFactory
    Stream<DynamicTest> givesTheSameBitsAlone() {
        return cases((folder, golden) -> withEngine(folder, golden, runners -> {
            GoldenInputs together = runners.inputs(golden);
            if (together.requests().length > 1) {
                try (GreedyGeneration generation =
                        new GreedyGeneration(runners.encoder(), runners.decoder(), form(), together)) {
                    List<Answer> answers = generation.run(8, Set.of(), 1000);
                    for (int i = 0; i < answers.size(); i++) {
                        GoldenInputs alone = new GoldenInputs(
                                List.of(together.texts().get(i)), new int[][] {{0}}, together.prefix());
                        try (GreedyGeneration single =
                                new GreedyGeneration(runners.encoder(), runners.decoder(), form(), alone)) {
                            assertSameBits(List.of(answers.get(i)), single.run(8, Set.of(), 1000));
                        }
                    }
                }
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> computesTheReferencesTensors() {
        return cases((folder, golden) -> {
            try (WeightSource source = source(folder, golden);
                    Ops ops = open()) {
                new TensorComparison(golden, source, ops).run();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> findsTheReferencesBeams() {
        return cases(
                false,
                (folder, golden) -> withEngine(folder, golden, runners -> {
                    int[] stopTokens = stopTokens(golden, runners.engine()).stream()
                            .mapToInt(Integer::intValue)
                            .toArray();
                    BeamParameters parameters = new BeamParameters(
                            golden.generate("num_beams").asInt(),
                            golden.generate("num_return_sequences").asInt(),
                            (float) golden.generate("length_penalty").asDouble(),
                            EarlyStopping.HEURISTIC);
                    BeamGeneration generation =
                            new BeamGeneration(runners.encoder(), runners.decoder(), form(), runners.inputs(golden));
                    assertBeams(
                            golden,
                            generation.run(
                                    parameters,
                                    golden.generate("max_new_tokens").asInt(),
                                    stopTokens));
                    runners.decoder().verifyPages();
                    assertEquals(
                            runners.decoder().pages().total(),
                            runners.decoder().pages().free());
                }));
    }

    private static void assertBeams(GoldenCase golden, List<Hypothesis> answers) {
        assertFalse(golden.generate("early_stopping").asBoolean(), "early stopping is the heuristic one");
        GoldenTensor tokens = golden.tensor("tokens");
        int[] lengths = golden.tensor("lengths").ints();
        float[] scores = golden.tensor("scores").floats();
        assertEquals(lengths.length, answers.size());
        for (int row = 0; row < lengths.length; row++) {
            assertArrayEquals(
                    BeamGeneration.row(row, tokens.shape()[1], lengths[row], tokens.ints()),
                    answers.get(row).tokens(),
                    "beam " + row);
            assertEquals(scores[row], answers.get(row).score(), 1e-4, "beam " + row);
        }
    }

    private static Stream<DynamicTest> cases(BiConsumer<String, GoldenCase> test) {
        return cases(true, test);
    }

    private static Stream<DynamicTest> cases(boolean greedy, BiConsumer<String, GoldenCase> test) {
        return FOLDERS.stream().flatMap(folder -> GoldenCases.open(folder).cases().stream()
                .filter(golden -> greedy == (golden.generate("num_beams").asInt(1) == 1))
                .map(golden -> dynamicTest(folder + " " + golden.name(), () -> test.accept(folder, golden))));
    }

    private static WeightSource source(String folder, GoldenCase golden) {
        Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder(folder));
        return golden.bfloat16Weights() ? new Bfloat16Weights(checkpoint) : checkpoint;
    }

    /** The runners that a case is given to. */
    private record Runners(
            Engine engine, EncoderRunner encoder, DecoderRunner decoder, VisionRunner vision, MemoryForm form) {

        GoldenInputs inputs(GoldenCase golden) {
            return GoldenInputs.of(golden, engine.config(), vision);
        }

        GreedyGeneration generation(GoldenCase golden) {
            return new GreedyGeneration(encoder, decoder, form, inputs(golden));
        }
    }

    @FunctionalInterface
    private interface EngineTest {
        void run(Runners runners);
    }

    private void withEngine(String folder, GoldenCase golden, EngineTest test) {
        try (WeightSource source = source(folder, golden);
                Engine engine = Engine.load(source, open(), EnumSet.allOf(Part.class), LoadProgress.SILENT);
                EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner decoder = engine.newDecoderRunner(200, 4)) {
            if (engine.hasVision()) {
                try (VisionRunner vision = engine.newVisionRunner()) {
                    test.run(new Runners(engine, encoder, decoder, vision, form()));
                }
            } else {
                test.run(new Runners(engine, encoder, decoder, null, form()));
            }
        }
    }

    private static Set<Integer> stopTokens(GoldenCase golden, Engine engine) {
        JsonNode given = golden.generate("eos_token_id");
        if (given.isMissingNode()) {
            return new HashSet<>(engine.config().stopTokens());
        }
        Set<Integer> stopTokens = new HashSet<>();
        given.forEach(token -> stopTokens.add(token.asInt()));
        return stopTokens;
    }

    private static void assertAnswers(GoldenCase golden, List<Answer> answers) {
        GoldenTensor tokens = golden.tensor("tokens");
        int columns = tokens.shape()[1];
        int[] lengths = golden.tensor("lengths").ints();
        for (int row = 0; row < lengths.length; row++) {
            int from = row * columns;
            List<Integer> expected = Arrays.stream(tokens.ints(), from, from + lengths[row])
                    .boxed()
                    .toList();
            assertEquals(expected, answers.get(row).tokens(), "row " + row);
            for (int i = 0; i < lengths[row]; i++) {
                assertTop(golden, from + i, answers.get(row).logits().get(i));
            }
        }
    }

    /** The reference's eight best tokens have the reference's probabilities. */
    private static void assertTop(GoldenCase golden, int position, float... logits) {
        GoldenTensor ids = golden.tensor("top.ids");
        int top = ids.shape()[2];
        int[] best = Arrays.copyOfRange(ids.ints(), position * top, (position + 1) * top);
        float[] expected =
                Arrays.copyOfRange(golden.tensor("top.logprobs").floats(), position * top, (position + 1) * top);
        double largest = 0;
        double total = 0;
        for (float logit : logits) {
            largest = Math.max(largest, Math.abs(logit));
            total += Math.exp(logit);
        }
        for (int i = 0; i < top; i++) {
            double actual = logits[best[i]] - Math.log(total);
            assertTrue(
                    Math.abs(actual - expected[i]) <= 4 * TensorComparison.TOLERANCE * largest,
                    "log probability " + actual + " of token " + best[i] + ", expected " + expected[i]);
        }
    }

    private static void assertSameBits(List<Answer> expected, List<Answer> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            List<float[]> logits = new ArrayList<>(expected.get(i).logits());
            for (int token = 0; token < logits.size(); token++) {
                assertArrayEquals(logits.get(token), actual.get(i).logits().get(token), "token " + token);
            }
        }
    }
}
