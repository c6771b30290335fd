package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GoldenCasesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text-sliding",
                "text-sliding-odd",
                "softcap",
                "multimodal",
                "legacy-bfloat16",
                "preprocess",
                "tokenizer",
                "chat"
            })
    void readsEveryFolder(String name) {
        GoldenCases golden = GoldenCases.open(name);
        assertFalse(golden.cases().isEmpty());
        int listed = 0;
        for (GoldenCase goldenCase : golden.cases()) {
            assertEquals(goldenCase, golden.named(goldenCase.name()));
            listed += goldenCase.tensors().size();
        }
        assertTrue(listed <= golden.tensors().size());
    }

    @Test
    void readsTensorsOfTheirKind() {
        GoldenCase goldenCase = GoldenCases.open("multimodal").named("one-image");
        GoldenTensor ids = goldenCase.tensor("input_ids");
        assertArrayEquals(new int[] {1, 32}, ids.shape());
        assertEquals(32, ids.ints().length);
        assertEquals(2, ids.ints()[0]);
        byte[] pixels = goldenCase.tensor("pixels").bytes();
        float[] values = goldenCase.tensor("pixel_values").floats();
        for (int i = 0; i < pixels.length; i++) {
            assertEquals((Byte.toUnsignedInt(pixels[i]) - 127.5f) / 127.5f, values[i], 1e-6f);
        }
        assertEquals(32, goldenCase.generate("max_new_tokens").asInt());
        assertTrue(goldenCase.generate("num_beams").isMissingNode());
        assertThrows(IllegalStateException.class, ids::floats);
        assertThrows(IllegalArgumentException.class, () -> goldenCase.tensor("attention_mask"));
    }

    @Test
    void followsFoldersThatShareCases() {
        GoldenCases golden = GoldenCases.open("legacy-sharded");
        assertEquals(GoldenCases.folder("legacy-sharded"), golden.folder());
        assertEquals(
                GoldenCases.open("multimodal").cases().size(), golden.cases().size());
    }
}
