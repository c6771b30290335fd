package io.tandem.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Requests with which something is wrong: those of {@code src/test/malformed/bodies.txt}, and those that no text file holds. */
final class MalformedRequests {

    static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String JSON = "Content-Type: application/json";
    private static final Map<String, String> PATHS = Map.of(
            "chat", CHAT,
            "completions", COMPLETIONS,
            "embeddings", "/v1/embeddings",
            "tokenize", "/tokenize",
            "detokenize", "/detokenize",
            "batches", "/v1/batches");

    /**
     * One of them.
     *
     * @param what for messages
     * @param bytes as they are sent
     * @param status that it must get
     * @param param that the error must name, at least the beginning of it; null for none
     */
    record Malformed(String what, byte[] bytes, int status, String param) {
        @Override
        public String toString() {
            return what.length() <= 100 ? what : what.substring(0, 100) + "...";
        }
    }

    private final String model;
    private final List<Malformed> all = new ArrayList<>();

    private MalformedRequests(String model) {
        this.model = model;
    }

    /** All, for a server of that model. */
    static List<Malformed> of(String model) throws IOException {
        MalformedRequests requests = new MalformedRequests(model);
        requests.addBodies();
        requests.addSizes();
        requests.addEncodings();
        requests.addToEveryRoute();
        requests.addHeads();
        requests.addRoutes();
        requests.all.addAll(MalformedFiles.ALL);
        return requests.all;
    }

    private void addBodies() throws IOException {
        for (String line : Files.readAllLines(TandemProcess.root().resolve("deploy/src/test/malformed/bodies.txt"))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split(" ", 4);
            String good = parts[2].equals("chat")
                    ? "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]"
                    : "\"prompt\": \"hi\"";
            String body = parts.length < 4 ? "" : parts[3].replace("$", model).replace("~", good);
            byte[] request = HttpWire.post(PATHS.get(parts[2]), body.getBytes(StandardCharsets.UTF_8), JSON);
            all.add(new Malformed(
                    parts[2] + " " + body,
                    request,
                    Integer.parseInt(parts[0]),
                    parts[1].equals("-") ? null : parts[1]));
        }
    }

    private void addSizes() {
        add("64 levels", chat("\"metadata\": " + "[".repeat(70) + "]".repeat(70)), 400, null);
        add("a million levels", "[".repeat(1_000_000), 400, null);
        add("open objects", "{\"a\":".repeat(100_000), 400, null);
        add("a number of 10,001 digits", chat("\"seed\": 1" + "0".repeat(10_000)), 400, null);
        add("a fraction of 10,000 digits", chat("\"top_p\": 0." + "3".repeat(10_000)), 400, null);
        add("an exponent of many digits", chat("\"temperature\": 1e" + "9".repeat(500)), 400, "temperature");
        add("an exponent beyond all ranges", chat("\"temperature\": 1e2147483648"), 400, "temperature");
        add("a name of 100,000 characters", chat("\"" + "x".repeat(100_000) + "\": 1"), 400, null);
        add("a model's name of 1 MB", "{\"model\": \"" + "x".repeat(1_000_000) + "\"}", 404, "model");
        add("too many tokens", chatOf("word ".repeat(5_000)), 400, "messages");
        add("a prompt over the context", completion("[" + "5, ".repeat(2_500) + "5]"), 400, "prompt");
        add("too many prompts", completion("[" + "\"a\", ".repeat(16) + "\"a\"]"), 400, "prompt");
        add(
                "too many documents",
                chat("\"documents\": [" + "{\"text\": \"a\"}, ".repeat(64) + "{\"text\": \"a\"}]"),
                400,
                "documents");
        addRaw("an announced body over the cap", head(CHAT, JSON, "Content-Length: 20971521"), 413, null);
        addRaw("an absurd length", head(CHAT, JSON, "Content-Length: 9223372036854775807"), 413, null);
    }

    private void addEncodings() throws IOException {
        byte[] good = chat("\"n\": 1").getBytes(StandardCharsets.UTF_8);
        addBytes("UTF-16", chat("\"n\": 1").getBytes(StandardCharsets.UTF_16), 400);
        addBytes("UTF-16 without a mark", chat("\"n\": 1").getBytes(StandardCharsets.UTF_16BE), 400);
        addBytes("UTF-32", chat("\"n\": 1").getBytes(Charset.forName("UTF-32LE")), 400);
        addBytes("a byte order mark", joined(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, good), 400);
        addBytes("Latin-1", chatOf("caf\u00e9").getBytes(StandardCharsets.ISO_8859_1), 400);
        addBytes("an overlong slash", in("a", new byte[] {(byte) 0xc0, (byte) 0xaf}), 400);
        addBytes("an encoded surrogate", in("a", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}), 400);
        addBytes("beyond Unicode", in("a", new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}), 400);
        addBytes("half a character", in("a", new byte[] {(byte) 0xe2, (byte) 0x82}), 400);
        addBytes("a lone continuation", in("a", new byte[] {(byte) 0x80}), 400);
        addBytes("a NUL in a string", in("a", new byte[] {0}), 400);
        addBytes("a line break in a string", in("a", new byte[] {'\n'}), 400);
        addBytes("a NUL at the end", joined(good, new byte[] {0}), 400);
        addBytes("noise", new byte[] {1, 2, 3, (byte) 0xff, (byte) 0xfe}, 400);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(good);
        }
        addBytes("gzip that nobody announced", compressed.toByteArray(), 400);
        addRaw("gzip", HttpWire.post(CHAT, compressed.toByteArray(), JSON, "Content-Encoding: gzip"), 415, null);
        addRaw("Brotli", HttpWire.post(CHAT, good, JSON, "Content-Encoding: br"), 415, null);
        for (String type : new String[] {
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "*/*", ""
        }) {
            addRaw("the type \"" + type + "\"", HttpWire.post(CHAT, good, "Content-Type: " + type), 415, null);
        }
    }

    /** What is wrong with any body of JSON, whatever belongs into it. */
    private void addToEveryRoute() throws IOException {
        for (String path : PATHS.values()) {
            Map<String, byte[]> bodies = new LinkedHashMap<>();
            for (String body : new String[] {
                "", "{", "[]", "7", "\"text\"", "null", "{\"a\": 1, \"a\": 2}", "{\"a\": NaN}", "{} {}", "{\"a\": tru}"
            }) {
                bodies.put(body.isEmpty() ? "nothing" : body, HttpWire.ascii(body));
            }
            bodies.put("100 levels", HttpWire.ascii("{\"a\": " + "[".repeat(100) + "]".repeat(100) + "}"));
            bodies.put("10,000 open lists", HttpWire.ascii("{\"a\": " + "[".repeat(10_000)));
            bodies.put("a number of 10,000 digits", HttpWire.ascii("{\"a\": " + "9".repeat(10_000) + "}"));
            bodies.put("UTF-16", "{\"a\": 1}".getBytes(StandardCharsets.UTF_16LE));
            bodies.put("a byte order mark", "\ufeff{}".getBytes(StandardCharsets.UTF_8));
            bodies.put("bytes that are no UTF-8", new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'});
            bodies.forEach((what, body) -> addRaw(path + ": " + what, HttpWire.post(path, body, JSON), 400, null));
            byte[] good = HttpWire.ascii("{}");
            addRaw(
                    path + ": a form",
                    HttpWire.post(path, good, "Content-Type: multipart/form-data; boundary=x"),
                    415,
                    null);
            addRaw(path + ": compressed", HttpWire.post(path, good, JSON, "Content-Encoding: deflate"), 415, null);
            addRaw(path + ": a gigabyte", head(path, JSON, "Content-Length: 1073741824"), 413, null);
            addRaw(path + ": deleted", HttpWire.ascii("DELETE " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"), 405, null);
        }
    }

    private void addHeads() {
        String body = chat("\"n\": 1");
        addRaw(
                "a long address",
                HttpWire.ascii("GET /v1/models?" + "x".repeat(9000) + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                400,
                null);
        addRaw(
                "an absurdly long address",
                HttpWire.ascii("GET /" + "x".repeat(200_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                400,
                null);
        addRaw(
                "an absurdly long header",
                HttpWire.ascii("GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(400_000) + "\r\n\r\n"),
                400,
                null);
        addRaw(
                "a long header",
                HttpWire.post(CHAT, HttpWire.ascii(body), JSON, "X-Long: " + "x".repeat(40_000)),
                400,
                null);
        addRaw(
                "many headers",
                HttpWire.post(CHAT, HttpWire.ascii(body), "X-Many: 0123456789\r\n".repeat(3_000) + JSON),
                400,
                null);
        addRaw("no host", HttpWire.ascii("GET /v1/models HTTP/1.1\r\n\r\n"), 400, null);
        addRaw(
                "a time that is none",
                HttpWire.post(CHAT, HttpWire.ascii(body), JSON, "x-request-timeout: soon"),
                400,
                null);
        addRaw("no body", head(CHAT, JSON), 400, null);
        addRaw(
                "two ways to end",
                joined(
                        head(CHAT, JSON, "Content-Length: 2", "Transfer-Encoding: chunked"),
                        HttpWire.ascii("2\r\n{}\r\n0\r\n\r\n")),
                400,
                "model");
    }

    private void addRoutes() {
        for (String path : new String[] {
            "/v1/nothing",
            "/nothing",
            "/v1",
            "/v1/chat",
            "/V1/CHAT/completions",
            "/q/nothing",
            "/.env",
            "/v1/../../etc/passwd"
        }) {
            addRaw("GET " + path, HttpWire.ascii("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"), 404, null);
        }
        addRaw(
                "a model that is none",
                HttpWire.ascii("GET /v1/models/gpt-4o HTTP/1.1\r\nHost: x\r\n\r\n"),
                404,
                "model");
        for (String method : new String[] {"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"}) {
            addRaw(
                    method + " of a chat",
                    HttpWire.ascii(method + " " + CHAT + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                    405,
                    null);
        }
        for (String path : new String[] {"/v1/models", "/v1/models/x", "/q/metrics", "/q/health/live", "/q/openapi"}) {
            addRaw("POST to " + path, HttpWire.post(path, HttpWire.ascii("{}"), JSON), 405, null);
        }
    }

    private void add(String what, String body, int status, String param) {
        addRaw(
                what,
                HttpWire.post(
                        body.contains("\"prompt\"") ? COMPLETIONS : CHAT, body.getBytes(StandardCharsets.UTF_8), JSON),
                status,
                param);
    }

    private void addBytes(String what, byte[] body, int status) {
        addRaw(what, HttpWire.post(CHAT, body, JSON), status, null);
    }

    private void addRaw(String what, byte[] request, int status, String param) {
        all.add(new Malformed(what, request, status, param));
    }

    private String chat(String more) {
        return "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], %s}"
                .formatted(model, more);
    }

    private String chatOf(String content) {
        return "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}]}"
                .formatted(model, content);
    }

    private String completion(String prompt) {
        return "{\"model\": \"%s\", \"prompt\": %s}".formatted(model, prompt);
    }

    /** A chat whose content holds these bytes after a text. */
    private byte[] in(String text, byte[] bytes) {
        String[] around = chatOf(text + "|").split("\\|");
        return joined(HttpWire.ascii(around[0]), joined(bytes, HttpWire.ascii(around[1])));
    }

    private static byte[] head(String path, String... headers) {
        return HttpWire.ascii(
                "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }
}
