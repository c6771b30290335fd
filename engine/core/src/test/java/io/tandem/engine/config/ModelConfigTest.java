package io.tandem.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.GoldenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelConfigTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private ObjectNode root;

    @BeforeEach
    void readRoot() throws IOException {
        root = (ObjectNode) MAPPER.readTree(
                GoldenCases.folder("multimodal").resolve("config.json").toFile());
    }

    @Test
    void readsBothGenerationsOfKeys() {
        ModelConfig today = ModelConfig.read(GoldenCases.folder("multimodal"));
        ModelConfig older = ModelConfig.read(GoldenCases.folder("legacy-bfloat16"));
        assertEquals(today.encoder(), older.encoder());
        assertEquals(today.decoder(), older.decoder());
        assertEquals(today.vision(), older.vision());
        assertEquals(new RopeConfig(1_000_000, 8), older.encoder().rope(2));
        assertEquals(new RopeConfig(10_000, 1), older.encoder().rope(0));
    }

    @Test
    void readsWhatTheGoldenReadmeSays() {
        ModelConfig text = ModelConfig.read(GoldenCases.folder("text-sliding"));
        assertEquals(8, text.encoder().slidingWindow());
        assertEquals(
                List.of(
                        LayerType.SLIDING,
                        LayerType.SLIDING,
                        LayerType.SLIDING,
                        LayerType.SLIDING,
                        LayerType.SLIDING,
                        LayerType.FULL),
                text.decoder().layerTypes().subList(0, 6));
        assertTrue(text.decoder().queryPreAttnScalar() != text.decoder().headDim());
        assertEquals(
                7,
                ModelConfig.read(GoldenCases.folder("text-sliding-odd"))
                        .encoder()
                        .slidingWindow());
        assertTrue(ModelConfig.read(GoldenCases.folder("softcap"))
                .decoder()
                .finalLogitSoftcapping()
                .isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"eos_token_id\": 7} | 7", "{\"eos_token_id\": [7, 8, 7]} | 7 8", "{} | 1", "| 1"})
    void takesStopTokensOfTheGenerationConfigFirst(String generationConfig, String expected) throws IOException {
        write();
        if (generationConfig != null) {
            Files.writeString(folder.resolve("generation_config.json"), generationConfig);
        }
        String actual = String.join(
                " ",
                ModelConfig.read(folder).stopTokens().stream()
                        .map(String::valueOf)
                        .toList());
        assertEquals(expected, actual);
    }

    /** Whatever stands under any key: the configuration is read, or refused by file and key; nothing else happens. */
    @Test
    void anyValueOfAnyKeyIsReadOrRefused() throws IOException {
        List<String> values = List.of(
                "null", "-1", "0", "1.5", "1e300", "9999999999", "\"x\"", "true", "[]", "[[1]]", "{}", "{\"x\":1}");
        List<String> unnamed = new ArrayList<>();
        for (String path : List.of(
                "",
                "/encoder",
                "/encoder/text_config",
                "/encoder/vision_config",
                "/decoder",
                "/decoder/rope_parameters")) {
            ObjectNode section = (ObjectNode) root.at(path);
            for (String key : fieldNames(section)) {
                JsonNode original = section.get(key);
                for (String value : values) {
                    section.set(key, MAPPER.readTree(value));
                    complaintWithoutName(key).ifPresent(unnamed::add);
                }
                section.set(key, original);
            }
        }
        assertEquals(List.of(), unnamed);
    }

    private Optional<String> complaintWithoutName(String key) throws IOException {
        write();
        try {
            ModelConfig.read(folder);
            return Optional.empty();
        } catch (CheckpointException e) {
            boolean named = e.getMessage().startsWith(folder.resolve("config.json") + ": ");
            return named ? Optional.empty() : Optional.of(key + ": " + e.getMessage());
        }
    }

    private static List<String> fieldNames(ObjectNode section) {
        List<String> names = new ArrayList<>();
        section.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private void write() throws IOException {
        MAPPER.writeValue(folder.resolve("config.json").toFile(), root);
    }
}
