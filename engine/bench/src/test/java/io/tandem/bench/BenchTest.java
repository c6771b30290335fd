package io.tandem.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {

    private static final Path MODEL = Path.of(System.getProperty("tandem.root"), "deploy/demo-model");

    private static final Path CASES = MODEL.resolveSibling("src/test/eval/cases.jsonl");

    @Test
    void printsOneObjectForEachMeasure() throws Exception {
        List<JsonNode> lines = objects(output(
                "--model",
                MODEL.toString(),
                "--copy",
                CASES.toString(),
                "--json",
                "--encode",
                "16,48",
                "--batch",
                "2",
                "--threads",
                "2"));
        assertEquals(
                List.of("machine", "encode", "encode", "decode", "guesses", "copy", "copy"),
                lines.stream()
                        .map(line -> line.get("measure").asText())
                        .filter(measure -> !measure.equals("memory"))
                        .toList());
        assertEquals(2, lines.get(0).get("threads").asInt());
        assertTrue(lines.get(0).get("fp32_gflops").asDouble() > 0);
        assertTrue(lines.get(0).get("read_gb_per_s").asDouble() > 0);
        assertEquals(48, lines.get(2).get("tokens").asInt());
        assertTrue(lines.get(2).get("tokens_per_second").asDouble() > 0);
        assertEquals(2, lines.get(3).get("batch").asInt());
        assertEquals(512, lines.get(3).get("encoder_tokens").asInt());
        // The decoder's tensors, the table of 4096 x 160 in bf16, and 512 tokens of 4 layers for each of the two
        // answers.
        assertEquals(
                (2_791_744 + 1_310_720 + 2 * 512 * 2_048) / 1e6,
                lines.get(3).get("step_mb").asDouble(),
                0.005);
        assertTrue(lines.get(3).get("read_percent").asDouble() > 0);
        assertEquals(9, lines.get(4).get("step_prices").size());
        assertEquals(64, lines.get(5).get("tokens").asInt());
        assertTrue(lines.get(5).get("steps").asInt() <= 64);
        assertEquals("cases", lines.get(6).get("kind").asText());
    }

    @Test
    void tellsWhatEachPartTakesAndHowOthersDo(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("transformers-fp32.txt"),
                "encode 16 tokens: 2 tokens/s\ndecode batch 1: 4.0 tokens/s\n");
        Files.writeString(folder.resolve("other-int8.txt"), "encode 16 tokens (+1 decoded): 1000000000 tokens/s\n");
        List<JsonNode> lines = objects(output(
                "--model",
                MODEL.toString(),
                "--json",
                "--encode",
                "16",
                "--batch",
                "1",
                "--vision",
                "--kernels",
                "--operations",
                "--peers",
                folder.toString()));
        assertEquals(2, of("kernel", lines).size());
        assertTrue(of("vision", lines).getFirst().get("seconds_per_image").asDouble() > 0);
        List<JsonNode> operations = of("operation", lines).stream()
                .filter(line -> line.get("of").asText().equals("encode 16"))
                .toList();
        assertEquals(
                100,
                operations.stream()
                        .mapToDouble(line -> line.get("share_percent").asDouble())
                        .sum(),
                2);
        assertTrue(operations.stream()
                .anyMatch(line -> line.get("operation").asText().startsWith("matmul ")
                        && line.get("gflops").asDouble() > 0));
        JsonNode encode = of("comparison", lines).getFirst();
        assertEquals("transformers-fp32", encode.get("best_peer").asText());
        assertEquals(
                encode.get("tandem").asDouble() / 2,
                encode.get("ratio").asDouble(),
                0.01 * encode.get("tandem").asDouble());
    }

    @Test
    void comparesTheFormsOfADocument() throws Exception {
        List<JsonNode> lines = of(
                "document",
                objects(output(
                        "--model", MODEL.toString(), "--json", "--encode", "16", "--batch", "2", "--absorbed", "700")));
        assertEquals(
                List.of("projected", "absorbed"),
                lines.stream().map(line -> line.get("form").asText()).toList());
        for (JsonNode line : lines) {
            assertEquals(700, line.get("encoder_tokens").asInt());
            assertEquals(2, line.get("batch").asInt());
            assertTrue(line.get("tokens_per_second").asDouble() > 0);
        }
        assertTrue(lines.getFirst().get("bytes_per_token").asInt()
                > lines.getLast().get("bytes_per_token").asInt());
    }

    @Test
    void tellsWhatInt8WeightsChange(@TempDir Path folder) throws Exception {
        Path few = folder.resolve("cases.jsonl");
        Files.write(few, Files.readAllLines(CASES).subList(0, 6));
        Files.writeString(folder.resolve("other-int8.txt"), "decode batch 1: 1000000000 tokens/s\n");
        List<JsonNode> lines = objects(output(
                "--model",
                MODEL.toString(),
                "--json",
                "--encode",
                "16",
                "--batch",
                "1",
                "--weights",
                "int8",
                "--quality",
                few.toString(),
                "--peers",
                folder.toString()));
        JsonNode quality = of("quality", lines).getFirst();
        assertEquals(6, quality.get("answers").asInt());
        assertTrue(quality.get("tokens").asInt() > 6);
        assertTrue(
                quality.get("same_tokens").asInt() > 0.9 * quality.get("tokens").asInt(), quality.toString());
        double error = quality.get("relative_logit_error").asDouble();
        assertTrue(error > 0 && error < 0.05, quality.toString());
        JsonNode decode = of("comparison", lines).getLast();
        assertEquals("other-int8", decode.get("best_peer").asText(), "int8 is held against int8");
    }

    @Test
    void simulatesAnInstallation(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("mine.json"), "{\"workload\": {\"requests\": 500, \"rate\": 1}, \"seed\": 3}");
        List<JsonNode> lines = objects(output("--capacity", file.toString(), "--with", "decoders.count=4", "--json"));
        assertEquals(400, of("capacity", lines).getFirst().get("requests").asInt(), "a fifth is warm-up");
        JsonNode hits = of("hits", lines).getFirst();
        assertEquals(
                1,
                hits.get("documents_resident").asDouble()
                        + hits.get("documents_loading").asDouble()
                        + hits.get("documents_fetched").asDouble(),
                0.01);
        assertEquals(4, of("use", lines).getFirst().get("decoders").asDouble());
        assertEquals(12, of("slice", lines).size());
        assertEquals(2, Bench.run("--capacity", "--with", "decoders.number=4"));
        assertEquals(2, Bench.run("--capacity", "/nowhere.json"));
        assertEquals(2, Bench.run("--shape", "270m", "--with", "decoders.count=4"));
        assertEquals(2, Bench.run("--shape", "270m", "--capacity"));
    }

    @Test
    void refusesPeersWithoutFigures(@TempDir Path folder) {
        assertEquals(2, Bench.run("--model", MODEL.toString(), "--peers", folder.toString()));
    }

    private static List<JsonNode> of(String measure, List<JsonNode> lines) {
        return lines.stream()
                .filter(line -> line.get("measure").asText().equals(measure))
                .toList();
    }

    private static List<JsonNode> objects(String output) throws JsonProcessingException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : output.lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void refusesAShapeThatIsNone() {
        assertEquals(2, Bench.run("--shape", "9b"));
        assertEquals(2, Bench.run("--model", "/nowhere"));
        assertEquals(2, Bench.run("--model", MODEL.toString(), "--revision", "v1"));
        assertEquals(2, Bench.run("--shape", "270m", "--revision", "v1"));
        assertEquals(2, Bench.run());
        assertEquals(2, Bench.run("--shape", "270m", "--copy", CASES.toString()));
        assertEquals(2, Bench.run("--model", MODEL.toString(), "--weights", "int4"));
        assertEquals(2, Bench.run("--model", MODEL.toString(), "--quality", CASES.toString()));
    }

    /** The build sets the hub's variables: offline, with a cache of its own. */
    @Test
    void findsAModelOfTheHub() throws IOException {
        Path repository = Path.of(System.getenv("HF_HUB_CACHE"), "models--tandem--demo-model");
        Path snapshots = Files.createDirectories(repository.resolve("snapshots"));
        String commit = "0123456789abcdef0123456789abcdef01234567";
        Files.deleteIfExists(snapshots.resolve(commit));
        Files.createSymbolicLink(snapshots.resolve(commit), MODEL);
        List<JsonNode> lines = objects(output(
                "--model", "tandem/demo-model", "--revision", commit, "--json", "--encode", "16", "--batch", "1"));
        assertEquals(1, of("encode", lines).size());
        assertEquals(2, Bench.run("--model", "tandem/demo-model@v9"));
    }

    private static String output(String... arguments) {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            assertEquals(0, Bench.run(arguments));
        } finally {
            System.setOut(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }
}
