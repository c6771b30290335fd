package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class StreamingTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUESTION = """
            {"model": "t5gemma-2", "stream": true, "messages": [{"role": "user", "content": "hi"}]%s}""";

    @Test
    void framesAreOpenAis() throws IOException {
        try (SseClient client = ask(", \"stream_options\": {\"include_usage\": true}")) {
            assertEquals(200, client.status());
            assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
            assertEquals("no-cache", client.headers().get("cache-control"));
            assertEquals("miss", client.headers().get("x-tandem-cache"));
            assertTrue(client.headers().get("x-tandem-decoder").startsWith("127.0.0.1:"));
            assertTrue(client.headers().get("server-timing").matches("queue;dur=.*, vision;dur=.*, encode;dur=.*"));
            List<String> events = client.rest();
            assertEquals(6, events.size(), events.toString());
            assertEquals(
                    "{\"role\":\"assistant\",\"content\":\"\"}",
                    delta(events.get(0)).toString());
            assertEquals("{\"content\":\"Grüße,\"}", delta(events.get(1)).toString());
            assertEquals("{\"content\":\" world!\"}", delta(events.get(2)).toString());
            assertEquals("{}", delta(events.get(3)).toString());
            assertEquals("stop", choice(events.get(3)).get("finish_reason").asText());
            assertTrue(choice(events.get(2)).get("finish_reason").isNull());
            for (String event : events.subList(0, 4)) {
                assertTrue(JSON.readTree(event).get("usage").isNull(), event);
                assertTrue(choice(event).get("logprobs").isNull(), event);
                assertEquals(
                        "chat.completion.chunk",
                        JSON.readTree(event).get("object").asText());
                assertEquals(
                        JSON.readTree(events.get(4)).get("id"),
                        JSON.readTree(event).get("id"));
            }
            assertEquals("[]", JSON.readTree(events.get(4)).get("choices").toString());
            assertEquals(
                    "{\"prompt_tokens\":100,\"completion_tokens\":4,\"total_tokens\":104,\"prompt_tokens_details\":"
                            + "{\"cached_tokens\":0,\"image_tokens\":0,\"cache_write_tokens\":100}}",
                    JSON.readTree(events.get(4)).get("usage").toString());
            assertEquals("[DONE]", events.get(5));
        }
    }

    @Test
    void usageIsLeftOutUnlessAskedFor() throws IOException {
        try (SseClient client = ask("")) {
            List<String> events = client.rest();
            assertEquals(5, events.size(), events.toString());
            assertFalse(JSON.readTree(events.getFirst()).has("usage"));
        }
    }

    @Test
    void tokenIdsComeWithTheirPieces() throws IOException {
        try (SseClient client = ask(", \"return_token_ids\": true")) {
            List<String> events = client.rest();
            assertEquals("[2,7]", choice(events.get(0)).get("prompt_token_ids").toString());
            assertEquals("[11,12]", choice(events.get(1)).get("token_ids").toString());
            assertEquals("[13]", choice(events.get(2)).get("token_ids").toString());
        }
    }

    @Test
    void piecesArriveWhenTheyAreWritten() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        try (SseClient client = ask("")) {
            FakeDecoder.Held call = cluster.nextHeld();
            call.start();
            call.delta("a", List.of());
            assertEquals("", delta(client.nextData()).get("content").asText());
            assertEquals("a", delta(client.nextData()).get("content").asText());
            call.delta("b", List.of());
            assertEquals("b", delta(client.nextData()).get("content").asText());
            call.finish(Finished.Reason.REASON_LENGTH, 2);
            List<String> rest = client.rest();
            assertEquals("length", choice(rest.getFirst()).get("finish_reason").asText());
            assertEquals("[DONE]", rest.getLast());
        }
    }

    @Test
    void silenceIsFilledWithComments() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        try (SseClient client = ask("")) {
            assertEquals(": keep-alive", client.next());
            cluster.nextHeld().answer(false);
            assertEquals("[DONE]", client.rest().getLast());
        }
    }

    @Test
    void failureInMidStreamIsTheLastEvent() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        try (SseClient client = ask("")) {
            FakeDecoder.Held call = cluster.nextHeld();
            call.start();
            call.delta("a", List.of());
            call.fail(new TandemException(ErrorCode.UNAVAILABLE, null, "10.0.0.7 went down"));
            List<String> events = client.rest();
            JsonNode error = JSON.readTree(events.getLast()).get("error");
            assertEquals("unavailable", error.get("code").asText());
            assertEquals("server_error", error.get("type").asText());
            assertTrue(error.get("param").isNull());
            assertFalse(error.get("message").asText().contains("10.0.0.7"), "no internals");
            assertEquals(3, events.size(), events.toString());
        }
    }

    @Test
    void failureAfterACommentIsAnEventToo() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        try (SseClient client = ask("")) {
            assertEquals(": keep-alive", client.next());
            cluster.nextHeld().fail(new TandemException(ErrorCode.OVERLOADED, null, "full"));
            List<String> events = client.rest();
            assertEquals(1, events.size(), events.toString());
            assertEquals(
                    "overloaded",
                    JSON.readTree(events.getFirst()).get("error").get("code").asText());
        }
    }

    @Test
    void failureBeforeTheFirstPieceIsAResponse() throws IOException {
        cluster.encoder.failNext(
                new TandemException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "messages", "9,000 tokens, limit 8,192"));
        try (SseClient client = ask("")) {
            assertEquals(400, client.status());
            assertEquals("application/json", client.headers().get("content-type"));
        }
    }

    @Test
    void clientThatLeavesFreesItsDecoder() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        FakeDecoder.Held call;
        try (SseClient client = ask("")) {
            call = cluster.nextHeld();
            call.start();
            call.delta("a", List.of());
            client.next();
        }
        Eventually.check("the decoder sees the cancel", () -> call.call().isCancelled());
    }

    @Test
    void clientThatLeavesBeforeTheFirstPieceFreesItsDecoder() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        SseClient stream = ask("");
        FakeDecoder.Held streamed = cluster.nextHeld();
        stream.close();
        Eventually.check(
                "the decoder sees the cancel of a stream", () -> streamed.call().isCancelled());
        SseClient client = new SseClient(server, CHAT, QUESTION.formatted("").replace("true", "false"));
        FakeDecoder.Held whole = cluster.nextHeld();
        client.close();
        Eventually.check("the decoder sees the cancel of a whole answer", () -> whole.call()
                .isCancelled());
    }

    @Test
    void finishedAnswersAreNotCancelled() throws IOException {
        try (SseClient client = ask("")) {
            client.rest();
        }
        nothingIsLeft();
        assertEquals(0, cluster.decoder.cancelled() + cluster.otherDecoder.cancelled());
    }

    @Test
    void readerThatDoesNotReadIsCutOff() throws Exception {
        String large = "x".repeat(32 << 10);
        AtomicInteger pieces = new AtomicInteger();
        double cut = slowReaders();
        List<FakeDecoder.Held> calls = new ArrayList<>();
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    calls.add(call);
                    call.start();
                    call.call().setOnReadyHandler(() -> {
                        while (call.call().isReady() && !call.call().isCancelled()) {
                            call.delta(large, List.of());
                            pieces.incrementAndGet();
                        }
                    });
                }));
        try (SseClient client = ask("")) {
            assertEquals(200, client.status());
            Eventually.check(
                    "the call is cancelled", () -> calls.getFirst().call().isCancelled());
        }
        Eventually.check("it is counted", () -> slowReaders() == cut + 1);
        // Buffers of both sides' sockets and of gRPC, and 64 KB of the gateway's own.
        assertTrue(pieces.get() < 1000, pieces + " pieces of 32 KB were written for nobody");
    }

    private static double slowReaders() {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith("tandem_gateway_slow_readers_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @Test
    void promptsOfAListAreToldApart() throws IOException {
        String body = """
                {"model": "t5gemma-2", "stream": true, "prompt": ["a", "b"]}""";
        try (SseClient client = new SseClient(server, COMPLETIONS, body)) {
            List<String> events = client.rest();
            StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
            for (String event : events.subList(0, events.size() - 1)) {
                texts[choice(event).get("index").asInt()].append(
                        choice(event).get("text").asText());
            }
            assertEquals(FakeDecoder.ANSWER, texts[0].toString());
            assertEquals(FakeDecoder.ANSWER, texts[1].toString());
            assertEquals("[DONE]", events.getLast());
        }
    }

    private SseClient ask(String more) throws IOException {
        return new SseClient(server, CHAT, QUESTION.formatted(more));
    }

    private static JsonNode choice(String event) throws IOException {
        return JSON.readTree(event).get("choices").get(0);
    }

    private static JsonNode delta(String event) throws IOException {
        return choice(event).get("delta");
    }
}
