package io.tandem.engine.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.RandomWeights;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Passes give the same bits however they are cut, and whichever passes run between their slices. Subclass it and open the backend. */
public abstract class SlicesConformance {

    private static final long WHOLE = Long.MAX_VALUE;
    private static final int SEEDS = 12;

    /** Opens the backend under test. */
    protected abstract Ops open();

    @Test
    void textsHaveTheSameStatesHoweverTheyAreCut() {
        ModelConfig config = ModelConfig.read(GoldenCases.folder("text-sliding"));
        withModel(config, EnumSet.of(Part.ENCODER), (ops, model) -> {
            try (Encoder encoder = model.newEncoder()) {
                LongStream.range(0, SEEDS).forEach(seed -> {
                    Random random = new Random(seed);
                    List<Encoder.Text> texts = List.of(text(config, random), text(config, random));
                    List<float[]> whole = new ArrayList<>();
                    for (Encoder.Text text : texts) {
                        whole.addAll(run(ops, List.of(encoder.begin(text)), TextPass::states, null));
                    }
                    List<TextPass> passes = texts.stream().map(encoder::begin).toList();
                    assertSame(seed, whole, run(ops, passes, TextPass::states, random));
                });
            }
        });
    }

    @Test
    void picturesHaveTheSameSoftTokensHoweverTheyAreCut() {
        ModelConfig config = ModelConfig.read(GoldenCases.folder("multimodal"));
        withModel(config, EnumSet.of(Part.VISION), (ops, model) -> {
            try (VisionTower tower = model.newVisionTower()) {
                LongStream.range(0, SEEDS).forEach(seed -> {
                    Random random = new Random(seed);
                    float[][] images = new float[1 + random.nextInt(8)][3 * tower.imageSize() * tower.imageSize()];
                    for (float[] image : images) {
                        for (int i = 0; i < image.length; i++) {
                            image[i] = random.nextFloat(-1, 1);
                        }
                    }
                    List<float[]> whole = run(ops, List.of(tower.begin(images)), VisionPass::softTokens, null);
                    assertSame(seed, whole, run(ops, List.of(tower.begin(images)), VisionPass::softTokens, random));
                });
            }
        });
    }

    private static Encoder.Text text(ModelConfig config, Random random) {
        int[] lengths = random.ints(1 + random.nextInt(3), 1, 300).toArray();
        Segments segments = new Segments(lengths);
        int[] tokens = random.ints(segments.rows(), 0, config.vocabSize()).toArray();
        return new Encoder.Text(tokens, segments, embedded -> {});
    }

    @FunctionalInterface
    private interface ModelTest {
        void run(Ops ops, Model model);
    }

    private void withModel(ModelConfig config, EnumSet<Part> parts, ModelTest test) {
        try (Ops ops = open();
                RandomWeights weights = RandomWeights.of(config, 5);
                Model model = Model.load(weights, ops, parts, LoadProgress.SILENT)) {
            test.run(ops, model);
        }
    }

    /** Advances passes in random order by random budgets, or in one go without {@code random}; closes them. */
    private static <P extends LayerPass> List<float[]> run(
            Ops ops, List<P> passes, Function<P, Tensor> result, Random random) {
        List<P> open = new ArrayList<>(passes);
        while (!open.isEmpty()) {
            P pass = open.get(random == null ? 0 : random.nextInt(open.size()));
            double before = pass.remaining();
            pass.advance(random == null ? WHOLE : 1L << random.nextInt(26));
            assertEquals(pass.done(), pass.remaining() == 0, "done, " + pass.remaining() + " left of " + before);
            open.removeIf(LayerPass::done);
        }
        List<float[]> values = new ArrayList<>();
        for (P pass : passes) {
            Tensor tensor = result.apply(pass);
            float[] read = new float[tensor.rows() * tensor.columns()];
            ops.read(tensor, 0, read, 0, tensor.rows());
            values.add(read);
        }
        passes.forEach(LayerPass::close);
        return values;
    }

    private static void assertSame(long seed, List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "seed " + seed + ", pass " + i);
        }
    }
}
