package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A request is one trace, through every role, as a collector sees it. */
class TraceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String CHAT = "/v1/chat/completions";
    private static final String VISION = "tandem.vision.v1.VisionService/Encode";
    private static final String ENCODER = "tandem.encoder.v1.EncoderService/Encode";
    private static final String DECODER = "tandem.decoder.v1.DecoderService/Generate";
    private static final String GENERATION = "chat demo-model";

    private static final OtlpReceiver COLLECTOR = new OtlpReceiver();
    private static TandemProcess tandem;

    private final String traceId = randomHex(16);
    private final String clientSpan = randomHex(8);

    @BeforeAll
    static void start() {
        tandem = TandemProcess.start("traces", TandemProcess.demoModel().toString(), COLLECTOR.environment());
    }

    @AfterAll
    static void stop() {
        tandem.close();
        COLLECTOR.close();
    }

    @Test
    void aChatWithAPictureIsOneTraceThroughEveryRole() {
        post(question("images/230.png", "What colour is the circle?"));
        Trace trace = traceOf("POST " + CHAT);
        Span root = trace.only("POST " + CHAT, SpanKind.SPAN_KIND_SERVER);
        assertEquals(clientSpan, OtlpReceiver.hex(root.getParentSpanId()));
        assertEquals(200, Trace.number(root, "http.response.status_code"));
        assertEquals(CHAT, Trace.text(root, "http.route"));
        trace.requireWhole(root);

        Span generation = trace.only(GENERATION);
        trace.requireChild(trace.only("gateway.queue"), root);
        trace.requireChild(trace.only("gateway.body"), root);
        trace.requireChild(generation, root);

        Span vision = calls(trace, VISION, "gateway.vision", generation);
        trace.requireChild(trace.only("vision.prepare"), vision);
        trace.requireChild(trace.only("vision-runner.item"), vision);

        Span encoder = calls(trace, ENCODER, "gateway.encode", generation);
        trace.requireChild(trace.only("encoder.prompt"), encoder);
        trace.requireChild(trace.only("encoder-runner.item"), encoder);

        Span decoder = calls(trace, DECODER, "gateway.decode", generation);
        trace.requireChild(trace.only("decoder.residency"), decoder);
        trace.requireChild(trace.only("decoder.generate"), decoder);
        trace.requireChild(trace.only("decoder.load"), decoder);
        requireCacheSpans(trace, List.of(vision, encoder, trace.only("decoder.load")));
    }

    @Test
    void theGenerationIsDescribedByTheConventions() {
        ObjectNode body = question("images/231.png", "What colour is the square?");
        body.put("temperature", 0.7)
                .put("top_p", 0.9)
                .put("top_k", 5)
                .put("seed", 11)
                .put("max_tokens", 9);
        post(body);
        Span generation = traceOf("POST " + CHAT).only(GENERATION);
        Map<String, AnyValue> attributes = Trace.attributes(generation);
        assertEquals("chat", Trace.text(generation, "gen_ai.operation.name"));
        assertEquals("tandem", Trace.text(generation, "gen_ai.system"));
        assertEquals("demo-model", Trace.text(generation, "gen_ai.request.model"));
        assertEquals(0.7, attributes.get("gen_ai.request.temperature").getDoubleValue());
        assertEquals(0.9, attributes.get("gen_ai.request.top_p").getDoubleValue());
        assertEquals(5, Trace.number(generation, "gen_ai.request.top_k"));
        assertEquals(11, Trace.number(generation, "gen_ai.request.seed"));
        assertEquals(9, Trace.number(generation, "gen_ai.request.max_tokens"));
        assertTrue(Trace.number(generation, "gen_ai.usage.input_tokens") > 16);
        assertTrue(Trace.number(generation, "gen_ai.usage.output_tokens") > 0);
        assertEquals(
                1,
                attributes.get("gen_ai.response.finish_reasons").getArrayValue().getValuesCount());
        assertEquals(List.of("gen_ai.first_token"), Trace.events(generation));
    }

    @Test
    void aStreamedAnswerIsTheSameTrace() throws IOException {
        ObjectNode body = question("images/232.png", "What colour is the star?").put("stream", true);
        try (BufferedReader events = reader(tandem, CHAT, body)) {
            assertTrue(events.lines().toList().contains("data: [DONE]"));
        }
        Trace trace = traceOf("POST " + CHAT);
        Span root = trace.only("POST " + CHAT, SpanKind.SPAN_KIND_SERVER);
        trace.requireWhole(root);
        Span generation = trace.only(GENERATION);
        trace.requireChild(generation, root);
        assertEquals(List.of("gen_ai.first_token"), Trace.events(generation));
        calls(trace, VISION, "gateway.vision", generation);
        calls(trace, ENCODER, "gateway.encode", generation);
        calls(trace, DECODER, "gateway.decode", generation);
    }

    @Test
    void aFailureIsMarkedOnItsWayFromTheRoleThatFailed() {
        ObjectNode broken = Api.JSON.createObjectNode().put("type", "image_url");
        broken.putObject("image_url").put("url", "data:image/png;base64,AAAA");
        HttpResponse<String> response =
                tandem.api().postRaw(CHAT, tandem.api().chat(Api.parts(broken)).toString(), headers());
        assertEquals(400, response.statusCode(), response.body());
        Trace trace = traceOf("POST " + CHAT);
        trace.requireWhole(trace.only("POST " + CHAT, SpanKind.SPAN_KIND_SERVER));
        Span generation = trace.only(GENERATION);
        assertEquals("invalid_image", Trace.text(generation, "error.type"));
        assertEquals("invalid_image", Trace.text(trace.only("gateway.vision"), "error.type"));
        Span vision = calls(trace, VISION, "gateway.vision", generation);
        for (Span failed : List.of(generation, trace.only("gateway.vision"), vision)) {
            assertEquals(StatusCode.STATUS_CODE_ERROR, failed.getStatus().getCode(), failed.getName());
        }
        assertFalse(trace.has("gateway.encode"), trace.names().toString());
    }

    @Test
    void aCancelledRequestEndsItsSpans() throws IOException {
        try (TandemProcess endless = TandemProcess.start(
                "trace-cancel", TandemProcess.golden("text-sliding").toString(), COLLECTOR.environment())) {
            ObjectNode body = Api.JSON.createObjectNode();
            body.put("model", endless.api().model())
                    .put("prompt", "a long answer")
                    .put("temperature", 1)
                    .put("max_tokens", 300)
                    .put("n", 8)
                    .put("stream", true);
            try (BufferedReader events = reader(endless, "/v1/completions", body)) {
                assertTrue(events.readLine().startsWith("data: "));
            }
            Eventually.holds(PATIENCE, "cancelled in the trace", () -> COLLECTOR.trace(traceId).spans().stream()
                    .anyMatch(span -> span.getName().startsWith("text_completion")
                            && Trace.text(span, "error.type").equals("cancelled")));
            Eventually.holds(PATIENCE, "the decoder's call has ended", () -> COLLECTOR.trace(traceId).spans().stream()
                    .anyMatch(span -> span.getName().equals(DECODER)
                            && span.getKind() == SpanKind.SPAN_KIND_SERVER
                            && Trace.text(span, "error.type").equals("cancelled")));
            traceOf("POST /v1/completions");
        }
    }

    @Test
    void aBatchLinksToTheRequestsThatItServed() {
        post(question("images/233.png", "What colour is the heart?"));
        Span item = traceOf("POST " + CHAT).only("encoder-runner.item");
        Eventually.holds(PATIENCE, "a batch with a link to the request", () -> COLLECTOR.spans().stream()
                .filter(span -> span.getName().equals("encoder-runner.batch"))
                .flatMap(span -> span.getLinksList().stream())
                .anyMatch(link -> link.getSpanId().equals(item.getSpanId())
                        && OtlpReceiver.hex(link.getTraceId()).equals(traceId)));
    }

    @Test
    void whatTheClientDoesNotRecordIsNotRecordedHere() {
        ObjectNode body = question("images/234.png", "What colour is the heart?");
        tandem.api().postRaw(CHAT, body.toString(), "traceparent", "00-" + traceId + "-" + clientSpan + "-00");
        // Another one, sent later, has come: the first would have been there before.
        String unrecorded = traceId;
        String recorded = randomHex(16);
        tandem.api().postRaw(CHAT, body.toString(), "traceparent", "00-" + recorded + "-" + clientSpan + "-01");
        Eventually.holds(
                PATIENCE, "the later trace", () -> COLLECTOR.trace(recorded).has("POST " + CHAT));
        assertEquals(List.of(), COLLECTOR.trace(unrecorded).names());
    }

    /** Checks the two ends of a call, which a stage of the gateway makes, and returns the service's. */
    private static Span calls(Trace trace, String method, String stage, Span generation) {
        Span client = trace.only(method, SpanKind.SPAN_KIND_CLIENT);
        Span server = trace.only(method, SpanKind.SPAN_KIND_SERVER);
        trace.requireChild(trace.only(stage), generation);
        trace.requireChild(client, trace.only(stage));
        trace.requireChild(server, client);
        assertEquals("grpc", Trace.text(server, "rpc.system"));
        return server;
    }

    /** The cache is looked up and written by vision and encoder, and read by whoever comes after. */
    private static void requireCacheSpans(Trace trace, List<Span> users) {
        List<Span> cache = trace.spans().stream()
                .filter(span -> span.getName().startsWith("cache."))
                .toList();
        for (Span span : cache) {
            assertTrue(users.contains(trace.parent(span).orElseThrow()), span.getName() + " is under another span");
            assertEquals("infinispan", Trace.text(span, "db.system.name"));
            assertEquals("local", Trace.text(span, "tandem.cache.tier"));
        }
        for (String name : List.of("cache.find", "cache.read", "cache.write")) {
            assertTrue(trace.has(name), trace.names().toString());
        }
        assertTrue(cache.stream()
                .filter(span -> !span.getName().equals("cache.find"))
                .allMatch(span -> Trace.number(span, "tandem.cache.bytes") > 0));
    }

    /** Waits until a trace is complete, as its root is the last to end. */
    private Trace traceOf(String root) {
        Eventually.holds(PATIENCE, "exported " + traceId, () -> {
            Trace trace = COLLECTOR.trace(traceId);
            return trace.has(root)
                    && trace.spans().stream()
                            .noneMatch(span -> trace.parent(span).isEmpty()
                                    && !OtlpReceiver.hex(span.getParentSpanId()).equals(clientSpan));
        });
        return COLLECTOR.trace(traceId);
    }

    private void post(ObjectNode body) {
        HttpResponse<String> response = tandem.api().postRaw(CHAT, body.toString(), headers());
        assertEquals(200, response.statusCode(), response.body());
    }

    private BufferedReader reader(TandemProcess process, String path, ObjectNode body) {
        return new BufferedReader(
                new InputStreamReader(process.api().stream(path, body, headers()), StandardCharsets.UTF_8));
    }

    private String[] headers() {
        return new String[] {"traceparent", "00-" + traceId + "-" + clientSpan + "-01"};
    }

    private static ObjectNode question(String picture, String text) {
        Path file = TandemProcess.evaluation().resolve(picture);
        return tandem.api().chat(Api.parts(Api.picture(file), Api.text(text)));
    }

    private static String randomHex(int bytes) {
        byte[] random = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(random);
        random[0] |= 1;
        return HexFormat.of().formatHex(random);
    }
}
