package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many different requests at once: each answers as if it were alone, and nothing is left behind. */
class ConcurrencyIT {

    private static final int REQUESTS = 32;

    @Test
    void mixedRequestsAnswerAsOneByOneAndLeaveNothingBehind() throws Exception {
        try (TandemProcess tandem = TandemProcess.start("concurrency", TandemProcess.demoModel())) {
            Api api = tandem.api();
            String model = api.model();
            List<ObjectNode> bodies = bodies(model);
            List<String> alone = new ArrayList<>();
            for (ObjectNode body : bodies) {
                alone.add(whole(api, body));
            }
            assertEquals(alone, together(api, bodies, alone));
            double threads = settledThreads(api);
            assertEquals(alone, together(api, bodies, alone));
            Quiet.isRestored(api);
            // What the first burst has started for good is still there; the second one has added nothing.
            Eventually.holds(
                    Duration.ofSeconds(60),
                    "at " + threads + " threads again",
                    () -> api.metric("jvm_threads_live_threads") <= threads);
        }
    }

    private static List<String> together(Api api, List<ObjectNode> bodies, List<String> alone) throws Exception {
        List<String> together = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < bodies.size(); i++) {
                int index = i;
                answers.add(clients.submit(() -> ask(api, bodies.get(index), index, alone.get(index))));
            }
            for (Future<String> answer : answers) {
                together.add(answer.get());
            }
        }
        return together;
    }

    /** Threads once the burst's own have come to an end. */
    private static double settledThreads(Api api) {
        Eventually.holds(Duration.ofSeconds(20), "idle", () -> api.metric("tandem_decoder_integrity_findings") == 0);
        return api.metric("jvm_threads_live_threads");
    }

    private static List<ObjectNode> bodies(String model) throws IOException {
        List<JsonNode> cases = DemoEvaluationIT.cases();
        List<ObjectNode> bodies = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            // From the three parts of the file: texts, documents apart, pictures.
            JsonNode question = cases.get(i % 4 == 3 ? cases.size() - 1 - i : i % 4 == 2 ? 160 + i : i);
            ObjectNode body = DemoEvaluationIT.request(model, question);
            if (i % 5 == 0) {
                body.put("temperature", 0.9).put("seed", i).put("top_p", 0.95);
            }
            bodies.add(body);
        }
        return bodies;
    }

    /** Every third request is streamed; of those every second goes away half-way. */
    private static String ask(Api api, ObjectNode body, int index, String expected) throws IOException {
        return switch (index % 6) {
            case 1 -> streamed(api, body);
            case 4 -> cancelled(api, body, expected);
            default -> whole(api, body);
        };
    }

    private static String whole(Api api, ObjectNode body) {
        return api.post("/v1/chat/completions", body)
                .at("/choices/0/message/content")
                .asText();
    }

    private static String streamed(Api api, ObjectNode body) throws IOException {
        StringBuilder text = new StringBuilder();
        try (BufferedReader lines = events(api, body)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {")) {
                    text.append(delta(line));
                }
            }
        }
        return text.toString();
    }

    /** Reads the first piece of text, closes the connection, and checks that this piece was right. */
    private static String cancelled(Api api, ObjectNode body, String expected) throws IOException {
        ObjectNode longer = body.deepCopy();
        longer.put("max_tokens", 500).putArray("stop_token_ids");
        try (BufferedReader lines = events(api, longer)) {
            String first = "";
            while (first.isEmpty()) {
                String line = lines.readLine();
                assertFalse(line == null, "the stream ended before its first text");
                first = line.startsWith("data: {") ? delta(line) : "";
            }
            assertTrue(expected.startsWith(first), first + " is not how this answer begins: " + expected);
        }
        return expected;
    }

    private static BufferedReader events(Api api, ObjectNode body) {
        ObjectNode streaming = body.deepCopy().put("stream", true);
        return new BufferedReader(
                new InputStreamReader(api.stream("/v1/chat/completions", streaming), StandardCharsets.UTF_8));
    }

    private static String delta(String line) throws IOException {
        JsonNode event = Api.JSON.readTree(line.substring("data: ".length()));
        assertFalse(event.has("error"), line);
        return event.at("/choices/0/delta/content").asText("");
    }
}
