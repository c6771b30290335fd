package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.config.ModelShapes;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RandomWeightsTest {

    private static final ModelConfig SMALL = ModelConfig.read(GoldenCases.folder("multimodal"));
    private static final Set<String> NAMES = TensorNames.shapes(SMALL).keySet();

    @Test
    void sameSeedGivesTheSameWeights() {
        try (RandomWeights first = RandomWeights.of(SMALL, 1);
                RandomWeights second = RandomWeights.of(SMALL, 1)) {
            for (String name : NAMES) {
                assertEquals(
                        -1,
                        first.tensor(name).data().mismatch(second.tensor(name).data()),
                        name);
            }
            assertEquals(first.fingerprint(), second.fingerprint());
        }
    }

    @Test
    void otherSeedsAndOtherTensorsDiffer() {
        try (RandomWeights first = RandomWeights.of(SMALL, 1);
                RandomWeights second = RandomWeights.of(SMALL, 2)) {
            for (String name : NAMES) {
                assertNotEquals(
                        -1,
                        first.tensor(name).data().mismatch(second.tensor(name).data()),
                        name);
            }
            assertNotEquals(
                    -1,
                    first.tensor("encoder.layers.0.mlp.up_proj.weight")
                            .data()
                            .mismatch(first.tensor("encoder.layers.0.mlp.gate_proj.weight")
                                    .data()));
            assertNotEquals(first.fingerprint(), second.fingerprint());
            assertThrows(IllegalArgumentException.class, () -> first.tensor("encoder.layers.9.mlp.up_proj.weight"));
        }
    }

    @Test
    void releasedTensorsAreGoneUntilTheyAreAskedForAgain() {
        try (RandomWeights weights = RandomWeights.of(SMALL, 1)) {
            StoredTensor before = weights.tensor("decoder.norm.weight");
            float[] values = before.toFloats();
            weights.release("decoder.norm.weight");
            assertThrows(IllegalStateException.class, before::toFloats);
            assertArrayEquals(values, weights.tensor("decoder.norm.weight").toFloats());
        }
    }

    @Test
    void valuesAreSpreadAsTheirLayerWants() {
        try (RandomWeights weights = RandomWeights.of(SMALL, 3)) {
            assertMoments(0, 1 / Math.sqrt(40), weights.tensor("encoder.layers.0.mlp.up_proj.weight"));
            assertMoments(0, 1 / Math.sqrt(40), weights.tensor(TensorNames.EMBEDDING));
            assertMoments(0, 1 / Math.sqrt(32), weights.tensor(TensorNames.PROJECTION));
            assertMoments(1, 0.1, weights.tensor("vision.post_layernorm.weight"));
            assertMoments(0, 0.1, weights.tensor("decoder.norm.weight"));
        }
    }

    @ParameterizedTest
    @CsvSource({"270m, 368", "1b, 1698", "4b, 7089"})
    void releasedShapesHaveTheirNumberOfParameters(String name, long millions) {
        long parameters = TensorNames.shapes(ModelShapes.named(name)).values().stream()
                .mapToLong(shape -> Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact))
                .sum();
        assertEquals(millions, Math.round(parameters / 1e6));
    }

    @Test
    void visionTowerIsTheSameForAll() {
        assertEquals(
                ModelShapes.named("1b", true).vision(),
                ModelShapes.named("4b", true).vision());
        assertEquals(64, ModelShapes.named("270m", true).vision().orElseThrow().patchesPerSide());
        assertThrows(IllegalArgumentException.class, () -> ModelShapes.named("2b"));
    }

    private static void assertMoments(double mean, double deviation, StoredTensor tensor) {
        float[] values = tensor.toFloats();
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (value - mean) * (value - mean);
        }
        assertEquals(mean, sum / values.length, deviation / Math.sqrt(values.length) * 4, tensor.name());
        assertEquals(deviation, Math.sqrt(squares / values.length), deviation * 0.3, tensor.name());
    }
}
