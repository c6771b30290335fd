package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Batches are answered as their lines would be alone, yield to everybody, and outlive the process. */
@ExtendWith(DemoServer.class)
class BatchesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LINES = 200;

    @TempDir
    Path folder;

    @Test
    void openAisClientHasLinesAnswered(TandemProcess tandem) throws IOException {
        try (Lines lines = new Lines(tandem.api())) {
            Batch batch = lines.create(write(tandem.api(), 5));
            assertTrue(lines.client.batches().list().data().stream()
                    .anyMatch(listed -> listed.id().equals(batch.id())));
            lines.await(batch, Batch.Status.COMPLETED);
            assertSameAsAlone(tandem.api(), lines.output(batch), 5);
            Batch many = lines.create(write(tandem.api(), LINES));
            assertEquals(
                    Batch.Status.CANCELLING,
                    lines.client.batches().cancel(many.id()).status());
            lines.await(many, Batch.Status.CANCELLED);
        }
    }

    @Test
    void openaiPython(TandemProcess tandem) throws IOException, InterruptedException {
        assumeTrue(
                python("import openai").waitFor() == 0,
                "python3 has no package openai: `pip install openai`, or set TANDEM_PYTHON to a python that has it");
        Process client =
                python("""
                import json, sys, time
                from openai import OpenAI
                url, lines = sys.argv[1:]
                client = OpenAI(base_url=url, api_key="none")
                file = client.files.create(file=open(lines, "rb"), purpose="batch")
                batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions",
                    completion_window="24h", metadata={"who": "python"})
                while batch.status not in ("completed", "failed"):
                    time.sleep(0.2)
                    batch = client.batches.retrieve(batch.id)
                assert batch.status == "completed" and batch.metadata == {"who": "python"}, batch
                assert batch.request_counts.completed == 3 and batch.request_counts.failed == 0, batch
                answers = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
                assert sorted(a["custom_id"] for a in answers) == ["line-0", "line-1", "line-2"], answers
                assert all(a["response"]["body"]["choices"][0]["message"]["content"] for a in answers), answers
                assert next(iter(client.batches.list(limit=1))).id == batch.id
                """, tandem.api().baseUrl(), write(tandem.api(), 3).toString());
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, client.waitFor(), output);
    }

    @Test
    void aBatchOutlivesTheProcess() throws IOException {
        Path data = TandemProcess.freshFolder("batches");
        String id;
        try (TandemProcess tandem = start(data);
                Lines lines = new Lines(tandem.api())) {
            Batch batch = lines.create(write(tandem.api(), LINES));
            id = batch.id();
            Eventually.holds(
                    PATIENCE,
                    "some lines are answered",
                    () -> lines.client
                                    .batches()
                                    .retrieve(id)
                                    .requestCounts()
                                    .orElseThrow()
                                    .completed()
                            > 5);
            tandem.kill();
        }
        try (TandemProcess tandem = start(data);
                Lines lines = new Lines(tandem.api())) {
            Batch batch = lines.client.batches().retrieve(id);
            assertTrue(batch.requestCounts().orElseThrow().completed() < LINES, "it was cut off in the middle");
            lines.await(batch, Batch.Status.COMPLETED);
            assertSameAsAlone(tandem.api(), lines.output(batch), LINES);
        }
    }

    @Test
    void gatewaysShareABatchAndABroker() throws IOException {
        Path data = TandemProcess.freshFolder("shared-batches");
        int port = TandemProcess.freePort();
        Process broker = broker(port);
        Process again = null;
        Map<String, String> environment = Map.of("TANDEM_BROKER_URL", "amqp://127.0.0.1:" + port);
        String model = TandemProcess.demoModel().toString();
        try (TandemProcess one = TandemProcess.start("shared-1", model, environment, "--data", data.toString());
                TandemProcess other = TandemProcess.start("shared-2", model, environment, "--data", data.toString());
                Lines lines = new Lines(other.api())) {
            Batch batch = lines.create(write(one.api(), LINES));
            Eventually.holds(PATIENCE, "one answers lines", () -> completed(one.api()) > 0);
            Eventually.holds(PATIENCE, "the other answers lines", () -> completed(other.api()) > 0);
            one.kill();
            broker.destroyForcibly();
            again = broker(port);
            lines.await(batch, Batch.Status.COMPLETED);
            assertSameAsAlone(other.api(), lines.output(batch), LINES);
        } finally {
            broker.destroyForcibly();
            if (again != null) {
                again.destroyForcibly();
            }
        }
    }

    private static double completed(Api api) {
        return api.metric("tandem_gateway_batch_lines_total", "outcome=\"completed\"");
    }

    /** A broker in a process of its own, from the jars of the packaged app. */
    private static Process broker(int port) throws IOException {
        Path libraries = TandemProcess.root().resolve("deploy/target/quarkus-app/lib");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        libraries.resolve("main") + "/*:" + libraries.resolve("boot") + "/*",
                        "io.tandem.messaging.BrokerMain",
                        "127.0.0.1",
                        Integer.toString(port))
                .inheritIO()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    private static TandemProcess start(Path data) {
        return TandemProcess.start("batches", TandemProcess.demoModel(), "--data", data.toString());
    }

    /** Every line was answered, as it is without the others. */
    static void assertSameAsAlone(Api api, Map<String, JsonNode> answers, int count) {
        assertEquals(count, answers.size());
        for (int i = 0; i < count; i++) {
            JsonNode line = answers.get("line-" + i);
            JsonNode alone = api.post("/v1/chat/completions", question(api, i));
            assertEquals(alone.at("/choices"), line.at("/response/body/choices"), "line " + i);
        }
    }

    private Path write(Api api, int count) throws IOException {
        return write(folder, api, count);
    }

    /** A file of questions. */
    static Path write(Path folder, Api api, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode line = JSON.createObjectNode()
                    .put("custom_id", "line-" + i)
                    .put("method", "POST")
                    .put("url", "/v1/chat/completions");
            lines.add(line.set("body", question(api, i)).toString());
        }
        return Files.write(folder.resolve(count + ".jsonl"), lines);
    }

    private static ObjectNode question(Api api, int number) {
        ObjectNode body = api.chat(Api.JSON.getNodeFactory().textNode("What is the oven temperature?"));
        body.putArray("documents")
                .addObject()
                .put("text", "Recipe for lemon bread. The oven should be at %d degrees.".formatted(100 + number));
        return body;
    }

    private static Process python(String program, String... arguments) throws IOException {
        String python = System.getenv().getOrDefault("TANDEM_PYTHON", "python3");
        ProcessBuilder builder = new ProcessBuilder(python, "-c", program);
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).start();
    }

    /** OpenAI's client, for batches. Owned by one test. */
    record Lines(OpenAIClient client) implements AutoCloseable {

        Lines(Api api) {
            this(OpenAIOkHttpClient.builder()
                    .baseUrl(api.baseUrl())
                    .apiKey("none")
                    .responseValidation(true)
                    .build());
        }

        Batch create(Path lines) {
            String file = client.files()
                    .create(FileCreateParams.builder()
                            .file(lines)
                            .purpose(FilePurpose.BATCH)
                            .build())
                    .id();
            return client.batches()
                    .create(BatchCreateParams.builder()
                            .inputFileId(file)
                            .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                            .completionWindow(BatchCreateParams.CompletionWindow._24H)
                            .build());
        }

        void await(Batch batch, Batch.Status status) {
            Eventually.holds(
                    PATIENCE,
                    batch.id() + " is " + status,
                    () -> client.batches().retrieve(batch.id()).status().equals(status));
        }

        Map<String, JsonNode> output(Batch batch) throws IOException {
            Batch ended = client.batches().retrieve(batch.id());
            Map<String, JsonNode> answers = new TreeMap<>();
            try (HttpResponse content =
                    client.files().content(ended.outputFileId().orElseThrow())) {
                String text = new String(content.body().readAllBytes(), StandardCharsets.UTF_8);
                for (String line : text.lines().toList()) {
                    JsonNode answer = JSON.readTree(line);
                    assertNull(answers.put(answer.get("custom_id").asText(), answer), "answered once");
                }
            }
            return answers;
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
