package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointTest {

    private static final Path ROOT = Path.of(System.getProperty("tandem.root"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "engine/core/src/test/golden/text-sliding",
                "engine/core/src/test/golden/text-sliding-odd",
                "engine/core/src/test/golden/softcap",
                "engine/core/src/test/golden/multimodal",
                "engine/core/src/test/golden/legacy-names",
                "engine/core/src/test/golden/legacy-sharded",
                "engine/core/src/test/golden/legacy-bfloat16",
                "deploy/demo-model"
            })
    void opensEveryModelOfTheProject(String folder) {
        try (Checkpoint checkpoint = Checkpoint.open(ROOT.resolve(folder))) {
            TensorNames.shapes(checkpoint.config()).forEach((name, shape) -> {
                StoredTensor tensor = checkpoint.tensor(name);
                assertEquals(name, tensor.name());
                assertArrayEquals(shape, tensor.shape(), name);
                for (float value : tensor.toFloats()) {
                    assertTrue(Float.isFinite(value), name);
                }
            });
            assertTrue(checkpoint.fingerprint().matches("[0-9a-f]{64}"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy-names", "legacy-sharded"})
    void otherNamesAndShardsGiveTheSameModel(String folder) {
        try (Checkpoint expected = Checkpoint.open(GoldenCases.folder("multimodal"));
                Checkpoint actual = Checkpoint.open(GoldenCases.folder(folder))) {
            for (String name : TensorNames.shapes(expected.config()).keySet()) {
                assertEquals(
                        -1,
                        expected.tensor(name)
                                .data()
                                .mismatch(actual.tensor(name).data()),
                        name);
            }
            assertEquals(expected.config(), actual.config());
            assertEquals(expected.fingerprint(), actual.fingerprint());
        }
    }

    @Test
    void roundedWeightsAreThoseOfTheRoundedCheckpoint() {
        try (Bfloat16Weights expected = new Bfloat16Weights(Checkpoint.open(GoldenCases.folder("multimodal")));
                Checkpoint actual = Checkpoint.open(GoldenCases.folder("legacy-bfloat16"))) {
            for (String name : TensorNames.shapes(actual.config()).keySet()) {
                assertEquals(DType.BF16, actual.tensor(name).dtype());
                assertEquals(
                        -1,
                        expected.tensor(name)
                                .data()
                                .mismatch(actual.tensor(name).data()),
                        name);
            }
        }
    }

    @Test
    void readsStopTokensOfTheGenerationConfig() {
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("text-sliding"))) {
            assertEquals(List.of(1, 6), checkpoint.config().stopTokens());
        }
    }

    @Test
    void refusesToReadAfterClose() {
        Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("text-sliding"));
        StoredTensor embedding = checkpoint.tensor(TensorNames.EMBEDDING);
        checkpoint.close();
        assertThrows(IllegalStateException.class, embedding::toFloats);
    }

    @Test
    void doesNotKnowOtherTensors() {
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("text-sliding"))) {
            assertThrows(IllegalArgumentException.class, () -> checkpoint.tensor("encoder.layers.99.norm.weight"));
        }
    }
}
