package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.engine.config.ModelShapes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a checkpoint may be named and stored like, and what its fingerprint makes of that. */
final class TensorNamesTest {

    private static final String TABLE = "model.encoder.embed_tokens.weight";

    @TempDir
    private Path folder;

    /** The generations of names; legacy-bfloat16 is stored under those of the hub. */
    private enum Generation {
        HUB(name -> name),
        SAVED(name -> name.replace("vision_tower.vision_model.", "vision_tower.")),
        MODULES(name -> withTextModel(SAVED.rename.apply(name))),
        MIXED(Generation::withTextModel),
        WITHOUT_MODEL(name -> name.replaceFirst("^model\\.", ""));

        private final UnaryOperator<String> rename;

        Generation(UnaryOperator<String> rename) {
            this.rename = rename;
        }

        private static String withTextModel(String name) {
            return name.replaceFirst(
                    "^model\\.encoder\\.(layers|norm|embed_tokens)\\.", "model.encoder.text_model.$1.");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyGenerationGivesTheSameModel(Generation generation) {
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .rename(generation.rename)
                .write();
        assertEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @ParameterizedTest
    @CsvSource({
        "lm_head.weight, model.encoder.embed_tokens.weight",
        "lm_head.out_proj.weight, model.encoder.embed_tokens.weight",
        "model.lm_head.out_proj.weight, model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight, model.encoder.embed_tokens.weight",
        "decoder.embed_tokens.weight, model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.eoi_embedding, model.encoder.embed_tokens.eoi_embedding"
    })
    void tiedTensorsMayBeStoredAgain(String again, String tensor) {
        EditableCheckpoint.copy("legacy-bfloat16", folder).copy(tensor, again).write();
        assertEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @Test
    void tableMayBeStoredUnderTheHeadAlone() {
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .rename(name -> name.equals(TABLE) ? "lm_head.weight" : name)
                .write();
        assertEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @Test
    void poolingHeadIsLeftOut() {
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .copy("model.decoder.norm.weight", "model.encoder.vision_tower.vision_model.head.probe")
                .write();
        assertEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @Test
    void textOnly() {
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .config(root -> ((ObjectNode) root.get("encoder")).remove("vision_config"))
                .removeIf(name -> name.contains("vision_tower") || name.contains("multi_modal_projector"))
                .write();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(Optional.empty(), checkpoint.config().vision());
            assertEquals(DType.BF16, checkpoint.tensor(TensorNames.EMBEDDING).dtype());
        }
    }

    @Test
    void halfPrecisionIsWidened() {
        String norm = "model.decoder.norm.weight";
        byte[] ones = new byte[80];
        for (int i = 1; i < ones.length; i += 2) {
            ones[i] = 0x3C;
        }
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .put(norm, "F16", new int[] {40}, ones)
                .write();
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            for (float value : checkpoint.tensor("decoder.norm.weight").toFloats()) {
                assertEquals(1, value);
            }
        }
    }

    @Test
    void fingerprintChangesWithAWeight() {
        EditableCheckpoint.copy("legacy-bfloat16", folder)
                .flipBit(TABLE, 20_000)
                .write();
        assertNotEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @Test
    void fingerprintChangesWithTheConfiguration() {
        EditableCheckpoint.copy("legacy-bfloat16", folder).config(root -> root.put("note", "another"));
        assertNotEquals(fingerprint(GoldenCases.folder("legacy-bfloat16")), fingerprint(folder));
    }

    @Test
    void storedNamesMapBack() {
        for (String name : TensorNames.shapes(ModelShapes.named("270m", true)).keySet()) {
            assertEquals(Optional.of(name), TensorNames.canonical(TensorNames.stored(name)));
        }
    }

    private static String fingerprint(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.fingerprint();
        }
    }
}
