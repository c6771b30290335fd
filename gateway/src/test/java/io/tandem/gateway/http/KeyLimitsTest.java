package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.batches.BatchId;
import io.tandem.gateway.batches.BatchState;
import io.tandem.gateway.batches.BatchStatus;
import io.tandem.gateway.batches.Batches;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.fake.KeyFile;
import io.tandem.gateway.keys.Quotas;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Limits of keys over HTTP: alice and erin have those of all, the others have their own. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
@QuarkusTestResource(value = KeyFile.class, restrictToAnnotatedClass = true)
@TestProfile(KeyLimitsTest.Limited.class)
class KeyLimitsTest extends ApiTest {

    private static final String QUESTION = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}";

    @Inject
    Quotas quotas;

    @Inject
    Batches batches;

    public static final class Limited implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "tandem.gateway.keys.limits.tokens-per-minute", "150",
                    "tandem.gateway.keys.owners.bob.concurrent-requests", "1",
                    "tandem.gateway.keys.owners.carol.requests-per-minute", "2",
                    "tandem.gateway.keys.owners.frank.tokens-per-minute", "1200");
        }
    }

    @Test
    void answersTellWhatIsLeft() {
        ask("alice")
                .statusCode(200)
                .header("x-ratelimit-limit-requests", "6000")
                .header("x-ratelimit-remaining-requests", "5999")
                .header("x-ratelimit-reset-requests", matchesPattern("\\d+ms"))
                .header("x-ratelimit-limit-tokens", "150")
                .header("x-ratelimit-remaining-tokens", "150")
                .header("x-ratelimit-reset-tokens", "0ms");
        nothingIsLeft();
        // The answer cost 104 tokens, which the next one learns; and what it costs itself overdraws them.
        ask("alice")
                .statusCode(200)
                .header("x-ratelimit-remaining-tokens", matchesPattern("4[6-9]|[5-9]\\d"))
                .header("x-ratelimit-reset-tokens", matchesPattern("\\d+s"));
        nothingIsLeft();
        refused("alice", "tokens-per-minute").header("x-ratelimit-remaining-tokens", "0");
        ask("bob").statusCode(200);
    }

    @Test
    void requestsOverTheLimitAreRefused() {
        ask("carol").statusCode(200);
        ask("carol").statusCode(200);
        refused("carol", "requests-per-minute")
                .header("Retry-After", matchesPattern("[12]?\\d|30"))
                .header("x-ratelimit-limit-requests", "2")
                .header("x-ratelimit-remaining-requests", "0")
                .header("x-ratelimit-reset-requests", matchesPattern("\\d+s|1m0s"));
    }

    @Test
    void requestsUnderWayAreBounded() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        Thread first = Thread.ofVirtual().start(() -> ask("bob"));
        Eventually.check("one is with a decoder", () -> cluster.written.size() == 1);
        refused("bob", "concurrent-requests");
        cluster.nextHeld().answer(false);
        first.join();
        nothingIsLeft();
        assertEquals(1, cluster.written.size());
    }

    @Test
    void whatWasReadAndWrittenForWhoeverLeftCounts() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        String streamed = QUESTION.replace("}", ", \"stream\": true}");
        try (SseClient client = new SseClient(server, COMPLETIONS, streamed, "Authorization: Bearer key-of-erin")) {
            Eventually.check("one is with a decoder", () -> cluster.written.size() == 1);
            FakeDecoder.Held call = cluster.nextHeld();
            call.start();
            // With the 100 of the prompt more than she has; neither would be alone.
            call.delta(
                    Delta.newBuilder().setText("Well,").setCompletionTokens(70).build());
            assertTrue(client.nextData().contains("Well,"));
        }
        nothingIsLeft();
        refused("erin", "tokens-per-minute");
    }

    @Test
    void linesOfBatchesAreChargedAndWait() {
        String line = "{\"custom_id\": \"%d\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": "
                + QUESTION + "}";
        String lines = IntStream.range(0, 13).mapToObj(line::formatted).collect(Collectors.joining("\n"));
        String file = as("frank")
                .multiPart("purpose", "batch")
                .multiPart("file", "a.jsonl", lines.getBytes(StandardCharsets.UTF_8))
                .post("/v1/files")
                .path("id");
        String order = "{\"input_file_id\": \"%s\", \"endpoint\": \"/v1/completions\", \"completion_window\": \"24h\"}";
        String id = as("frank")
                .contentType(ContentType.JSON)
                .body(order.formatted(file))
                .post("/v1/batches")
                .path("id");
        // 13 lines of 104 tokens are more than a minute's; each begins when those before are paid.
        Eventually.check(
                "frank has used up his tokens", () -> quotas.of("frank").tokensLeft() == 0);
        refused("frank", "tokens-per-minute");
        Eventually.check(
                "all lines are answered",
                () -> batches.find("frank", BatchId.parse(id).orElseThrow()).stream()
                        .anyMatch(batch -> batches.state(batch).status() == BatchStatus.COMPLETED));
        BatchState state = batches.state(
                batches.find("frank", BatchId.parse(id).orElseThrow()).orElseThrow());
        assertEquals(new BatchState.Counts(13, 13, 0), state.counts());
        assertEquals(13, cluster.written.size());
    }

    @Test
    void timesAreWrittenAsOpenAiDoes() {
        assertEquals("0ms", RateLimitHeaders.text(Duration.ZERO));
        assertEquals("999ms", RateLimitHeaders.text(Duration.ofMillis(999)));
        assertEquals("2s", RateLimitHeaders.text(Duration.ofMillis(1001)));
        assertEquals("1m0s", RateLimitHeaders.text(Duration.ofMillis(59_001)));
        assertEquals("6m1s", RateLimitHeaders.text(Duration.ofSeconds(361)));
    }

    private static RequestSpecification as(String owner) {
        return given().header("Authorization", "Bearer key-of-" + owner);
    }

    private static ValidatableResponse refused(String owner, String setting) {
        return ask(owner)
                .statusCode(429)
                .header("Retry-After", matchesPattern("[1-9]\\d*"))
                .body("error", aMapWithSize(4))
                .body(
                        "error.message",
                        matchesPattern(
                                ".*limit.*; retry in \\d+ s or raise tandem.gateway.keys.limits." + setting + "."))
                .body("error.type", equalTo("rate_limit_error"))
                .body("error.param", nullValue())
                .body("error.code", equalTo("rate_limit_exceeded"));
    }

    private static ValidatableResponse ask(String owner) {
        return given().contentType(ContentType.JSON)
                .header("Authorization", "Bearer key-of-" + owner)
                .body(QUESTION)
                .post(COMPLETIONS)
                .then();
    }
}
