package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What users write, and the keys that they use, stand neither in logs nor in traces, however much of either is asked for. */
class PrivacyIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Stands wherever a client can write something. */
    private static final String MARKER = "xqzMarkerJvWk";

    private static final String KEY = "key-" + MARKER;
    private static final String CHAT = "/v1/chat/completions";

    @Test
    void nothingThatAClientWroteIsToldUnlessAskedFor() throws IOException {
        try (OtlpReceiver collector = new OtlpReceiver();
                TandemProcess tandem = start("privacy", collector, Map.of())) {
            Api api = tandem.api();
            tellEverywhere(api);
            tellInFiles(api, new HttpWire(tandem.port()));
            Eventually.holds(
                    PATIENCE,
                    "traces of the requests",
                    () -> collector.spans().stream()
                                    .filter(span -> span.getName().equals("POST " + CHAT))
                                    .count()
                            >= 4);
            Eventually.holds(
                    PATIENCE,
                    "a line for each request",
                    () -> accessLines(tandem).size() >= 9);
            for (String form : forms()) {
                assertFalse(collector.received(form), "a trace holds " + form);
                assertFalse(
                        tandem.output().contains(form),
                        () -> "a log line holds " + form + ":\n" + linesWith(tandem, form));
            }
            requireAccessLines(tandem);
        }
    }

    /** Shows that the test above can fail, and that the switch works. */
    @Test
    void tracesHoldTextsOnceTheyAreAskedTo() {
        try (OtlpReceiver collector = new OtlpReceiver();
                TandemProcess tandem = start("privacy-off", collector, Map.of("TANDEM_TRACE_CONTENT", "true"))) {
            Api api = tandem.api();
            api.postRaw(CHAT, chat("demo-model", Api.text(MARKER)).toString(), authorization(KEY));
            Eventually.holds(PATIENCE, "the prompt in a trace", () -> collector.received(MARKER));
            assertFalse(collector.received(KEY), "a trace holds a key");
            assertFalse(tandem.output().contains(MARKER), tandem.output());
        }
    }

    private static TandemProcess start(String name, OtlpReceiver collector, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(collector.environment());
        environment.put("QUARKUS_LOG_LEVEL", "TRACE");
        for (String category :
                new String[] {"IO_TANDEM", "IO_VERTX", "IO_NETTY", "IO_QUARKUS", "IO_GRPC", "ORG_INFINISPAN"}) {
            environment.put("QUARKUS_LOG_CATEGORY__" + category + "__LEVEL", "TRACE");
        }
        environment.put("TANDEM_GATEWAY_KEYS_ENTRIES", "tester:" + sha256(KEY));
        environment.put("TANDEM_GATEWAY_KEYS_OPEN_METRICS", "true");
        environment.putAll(more);
        return TandemProcess.start(name, TandemProcess.demoModel().toString(), environment, "--log-format", "json");
    }

    /** Requests of every kind, good ones and bad ones, with the marker in every place that a client fills. */
    private static void tellEverywhere(Api api) throws IOException {
        ObjectNode good = chat("demo-model", Api.text("What is " + MARKER + "?"), picture());
        good.putArray("documents").addObject().put("title", MARKER + ".pdf").put("text", "About " + MARKER);
        good.put("user", MARKER).putArray("stop").add(MARKER);
        good.putObject("metadata").put("note", MARKER);
        good.put("My " + MARKER, 1);
        assertEquals(200, status(api, CHAT, good.toString(), KEY));
        assertEquals(200, status(api, CHAT, good.put("stream", true).toString(), KEY));
        assertEquals(401, status(api, CHAT, good.toString(), "wrong-" + MARKER));
        assertEquals(404, status(api, CHAT, chat(MARKER, Api.text(MARKER)).toString(), KEY));
        assertEquals(400, status(api, CHAT, "{\"" + MARKER + "\": \"" + MARKER, KEY));
        assertEquals(400, status(api, CHAT, chat("demo-model", broken()).toString(), KEY));
        String prompt = "{\"model\": \"demo-model\", \"prompt\": \"" + MARKER + "\"}";
        assertEquals(200, status(api, "/v1/completions", prompt, KEY));
        assertEquals(200, status(api, "/v1/embeddings", prompt.replace("prompt", "input"), KEY));
        assertEquals(200, status(api, "/tokenize", prompt, KEY));
    }

    private static void tellInFiles(Api api, HttpWire wire) throws IOException {
        String line =
                "{\"custom_id\": \"" + MARKER + "\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\":"
                        + " {\"model\": \"demo-model\", \"max_tokens\": 4, \"prompt\": \"" + MARKER + "\"}}";
        String document = upload(wire, "user_data", "What " + MARKER + " says.");
        ObjectNode body = chat("demo-model", Api.text("What does it say?"));
        body.putArray("documents").addObject().put("file_id", document);
        assertEquals(200, status(api, CHAT, body.toString(), KEY));
        ObjectNode order = Api.JSON.createObjectNode().put("input_file_id", upload(wire, "batch", line));
        order.put("endpoint", "/v1/completions").put("completion_window", "24h");
        order.putObject("metadata").put("note", MARKER);
        assertEquals(200, status(api, "/v1/batches", order.toString(), KEY));
        Eventually.holds(
                PATIENCE,
                "the batch's line is answered",
                () -> api.metric("tandem_gateway_batch_lines_total", "outcome=\"completed\"") == 1);
    }

    private static String upload(HttpWire wire, String purpose, String content) throws IOException {
        String form = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose + "\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"" + MARKER + ".txt\"\r\n\r\n" + content
                + "\r\n--b--\r\n";
        HttpWire.Response response = wire.send(HttpWire.post(
                "/v1/files",
                form.getBytes(StandardCharsets.UTF_8),
                "Content-Type: multipart/form-data; boundary=b",
                "Authorization: Bearer " + KEY));
        assertEquals(200, response.status(), response.body());
        return Api.JSON.readTree(response.body()).get("id").asText();
    }

    private static void requireAccessLines(TandemProcess tandem) {
        List<JsonNode> lines = accessLines(tandem);
        JsonNode answered = lines.getFirst();
        assertEquals(CHAT, answered.get("route").asText());
        assertEquals("200", answered.get("status").asText());
        assertTrue(answered.get("durationMillis").asDouble() > 0);
        assertTrue(answered.get("promptTokens").asInt() > 16, answered.toString());
        assertEquals("16", answered.get("imageTokens").asText());
        assertTrue(answered.get("completionTokens").asInt() > 0, answered.toString());
        assertTrue(answered.get("requestId").asText().startsWith("req_"));
        assertTrue(answered.get("traceId").asText().matches("[0-9a-f]{32}"));
        assertTrue(lines.stream().anyMatch(line -> line.get("status").asText().equals("401")));
    }

    private static List<JsonNode> accessLines(TandemProcess tandem) {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : tandem.output().lines().toList()) {
            if (line.startsWith("{")) {
                JsonNode json = parse(line);
                if (json.get("logger").asText().equals("io.tandem.access")) {
                    lines.add(json);
                }
            }
        }
        return lines;
    }

    private static JsonNode parse(String line) {
        try {
            return Api.JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException("not JSON: " + line, e);
        }
    }

    private static int status(Api api, String path, String body, String key) {
        return api.postRaw(path, body, authorization(key)).statusCode();
    }

    private static String[] authorization(String key) {
        return new String[] {"Authorization", "Bearer " + key};
    }

    private static ObjectNode chat(String model, ObjectNode... parts) {
        ObjectNode body = Api.JSON.createObjectNode().put("model", model).put("temperature", 0);
        body.putArray("messages").addObject().put("role", "user").set("content", Api.parts(parts));
        return body;
    }

    /** A sound picture with the marker among its texts. */
    private static ObjectNode picture() throws IOException {
        byte[] file = Files.readAllBytes(TandemProcess.evaluation().resolve("images/246.png"));
        // Behind signature and header, which are 33 bytes.
        ByteArrayOutputStream marked = new ByteArrayOutputStream();
        marked.write(file, 0, 33);
        marked.write(textChunk("Comment\0" + MARKER));
        marked.write(file, 33, file.length - 33);
        return imagePart(marked.toByteArray());
    }

    /** Bytes that are no picture, with the marker among them. */
    private static ObjectNode broken() {
        return imagePart(("no picture " + MARKER).getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode imagePart(byte[] file) {
        ObjectNode part = Api.JSON.createObjectNode().put("type", "image_url");
        part.putObject("image_url")
                .put("url", "data:image/png;base64," + Base64.getEncoder().encodeToString(file));
        return part;
    }

    private static byte[] textChunk(String text) {
        byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] typed = ByteBuffer.allocate(4 + data.length)
                .put("tEXt".getBytes(StandardCharsets.US_ASCII))
                .put(data)
                .array();
        CRC32 checksum = new CRC32();
        checksum.update(typed);
        return ByteBuffer.allocate(8 + typed.length)
                .putInt(data.length)
                .put(typed)
                .putInt((int) checksum.getValue())
                .array();
    }

    /** The marker as text, in hexadecimal, and in Base64 wherever it may stand in what was encoded. */
    private static List<String> forms() {
        List<String> forms = new ArrayList<>();
        forms.add(MARKER);
        byte[] bytes = MARKER.getBytes(StandardCharsets.UTF_8);
        forms.add(HexFormat.of().formatHex(bytes));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = ByteBuffer.allocate(before + bytes.length)
                    .put(before, bytes)
                    .array();
            String encoded = Base64.getEncoder().encodeToString(shifted);
            // Without the ends, whose bits depend on the neighbours.
            forms.add(encoded.substring(4, encoded.length() - 4));
        }
        return forms;
    }

    private static String linesWith(TandemProcess tandem, String text) {
        return String.join(
                "\n",
                tandem.output().lines().filter(line -> line.contains(text)).toList());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
