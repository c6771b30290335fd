package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Streamed questions about many documents, one after the other from each client, and a batch beside them. Answers of the simulated model
 * follow from what was read, so the same question must have the same answer whoever writes it. Owned by a test.
 */
final class SleptLoad implements AutoCloseable {

    static final String MODEL = "simulated";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DOCUMENTS = 400;

    private static final Path BACKEND =
            TandemProcess.root().resolve("engine/slept/target/tandem-engine-slept-0.1.0-SNAPSHOT.jar");

    private final Api api;
    private final int answerTokens;
    private final OpenAIClient client;
    private final AtomicInteger asked = new AtomicInteger();
    private final Map<Integer, String> answers = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /**
     * What starts an installation with the backend whose steps sleep. Many processes share a machine; what is measured with them is not
     * how fast they compute.
     *
     * @param places of each decoder's batch
     * @param more to be set as well
     */
    static Map<String, String> environment(int stepMillis, int places, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.put("JAVA_OPTS", "-Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dtandem.slept.step=" + stepMillis);
        all.put("TANDEM_BACKEND_PATH", BACKEND.toString());
        all.put("TANDEM_DECODER_MAX_BATCH", Integer.toString(places));
        all.put("TANDEM_DECODER_SPECULATION_ENABLED", "false");
        all.put("TANDEM_GATEWAY_ADMISSION_CONCURRENCY", "512");
        return Map.copyOf(all);
    }

    /** @param answerTokens length of all answers */
    SleptLoad(Api api, int answerTokens) {
        this.api = api;
        this.answerTokens = answerTokens;
        this.client = OpenAIOkHttpClient.builder()
                .baseUrl(api.baseUrl())
                .apiKey("none")
                .build();
    }

    /** What must never happen, in words. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Starts clients, and a batch of so many lines. */
    Running start(int clients, int lines) {
        return new Running(clients, lines);
    }

    @Override
    public void close() {
        client.close();
    }

    /** Clients and a batch under way; ends when both have. */
    final class Running implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean over = new AtomicBoolean();
        private final String batch;

        private Running(int clients, int lines) {
            batch = createBatch(lines);
            for (int i = 0; i < clients; i++) {
                threads.execute(() -> {
                    while (!over.get()) {
                        ask(asked.getAndIncrement() % DOCUMENTS);
                    }
                });
            }
        }

        @Override
        public void close() {
            over.set(true);
            threads.close();
            Eventually.holds(
                    PATIENCE,
                    "the batch completed",
                    () -> client.batches().retrieve(batch).status().equals(Batch.Status.COMPLETED));
            assertEquals(
                    0,
                    client.batches()
                            .retrieve(batch)
                            .requestCounts()
                            .orElseThrow()
                            .failed());
        }
    }

    private void ask(int document) {
        StringBuilder text = new StringBuilder();
        boolean done = false;
        try (InputStream stream =
                        api.stream("/v1/chat/completions", question(document).put("stream", true));
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("data: [DONE]")) {
                    done = true;
                } else if (line.startsWith("data: ")) {
                    JsonNode piece = Api.JSON.readTree(line.substring("data: ".length()));
                    text.append(piece.at("/choices/0/delta/content").asText());
                }
            }
        } catch (IOException | RuntimeException | AssertionError failure) {
            wrong.add(document + ": " + failure);
            return;
        }
        String known = answers.putIfAbsent(document, text.toString());
        if (!done || text.isEmpty() || (known != null && !known.contentEquals(text))) {
            wrong.add(document + ": \"" + text + "\", before \"" + known + "\"");
        }
    }

    private String createBatch(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            ObjectNode line = Api.JSON
                    .createObjectNode()
                    .put("custom_id", "line-" + i)
                    .put("method", "POST")
                    .put("url", "/v1/chat/completions");
            lines.append(line.set("body", question(i % DOCUMENTS)).toString()).append('\n');
        }
        try {
            Path file = Files.writeString(TandemProcess.freshFolder("slept").resolve("lines.jsonl"), lines.toString());
            FileCreateParams upload = FileCreateParams.builder()
                    .file(file)
                    .purpose(FilePurpose.BATCH)
                    .build();
            return client.batches()
                    .create(BatchCreateParams.builder()
                            .inputFileId(client.files().create(upload).id())
                            .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                            .completionWindow(BatchCreateParams.CompletionWindow._24H)
                            .build())
                    .id();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectNode question(int document) {
        ObjectNode body = Api.JSON
                .createObjectNode()
                .put("model", MODEL)
                .put("temperature", 0)
                .put("ignore_eos", true)
                .put("max_tokens", answerTokens);
        body.putArray("messages").addObject().put("role", "user").put("content", "What is its price?");
        body.putArray("documents")
                .addObject()
                .put(
                        "text",
                        ("Product sheet %d. The manufacturer is Sunwind and Sons. The price is €%d. The weight is %d kg."
                                        + " The train to the shop leaves at %02d:15 from platform %d.")
                                .formatted(
                                        document,
                                        20 + document,
                                        1 + document % 9,
                                        6 + document % 12,
                                        1 + document % 20));
        return body;
    }
}
