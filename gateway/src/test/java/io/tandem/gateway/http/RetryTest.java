package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class RetryTest extends ApiTest {

    /** As in application.properties. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    @Test
    void decoderThatIsAwayIsReplaced() {
        TandemException away = new TandemException(ErrorCode.UNAVAILABLE, null, "away");
        for (FakeDecoder decoder : cluster.decoders()) {
            cluster.reset();
            decoder.failAll(away);
            ask().statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
        }
    }

    @Test
    void decoderThatDrainsIsReplaced() {
        cluster.decoder.failAll(new TandemException(ErrorCode.DRAINING, null, "draining"));
        ask().statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
    }

    @Test
    void noDecoderIsAnHonest503() {
        cluster.decoders()
                .forEach(decoder ->
                        decoder.failAll(new TandemException(ErrorCode.UNAVAILABLE, null, "10.0.0.7 is away")));
        ask().statusCode(503)
                .header("Retry-After", matchesPattern("\\d+"))
                .body("error.code", equalTo("unavailable"))
                .body("error.message", not(containsString("10.0.0.7")));
        assertTrue(cluster.written.size() > 2, "each was asked again, as it might have come back");
    }

    @Test
    void encoderThatComesBackIsWaitedFor() {
        cluster.encoder.failNext(new TandemException(ErrorCode.DRAINING, null, "draining"));
        cluster.encoder.failNext(new TandemException(ErrorCode.UNAVAILABLE, null, "starting"));
        ask().statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
        assertEquals(3, cluster.encoder.requests().size());
    }

    @Test
    void visionThatComesBackIsWaitedFor() {
        cluster.vision.failNext(new TandemException(ErrorCode.UNAVAILABLE, null, "starting"));
        given().contentType(ContentType.JSON).body("""
                        {"model": "t5gemma-2", "messages": [{"role": "user", "content": [
                          {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,QUFB"}}]}]}
                        """).post(CHAT).then().statusCode(200);
        assertEquals(1, cluster.vision.decoded());
    }

    @Test
    void roleThatStaysDownIsRefusedAtOnce() {
        cluster.health.serving(EncoderServiceGrpc.SERVICE_NAME, false);
        Eventually.check(
                "down for longer than anybody waits", () -> routers.encoder().isDown(PATIENCE));
        long start = System.nanoTime();
        ask().statusCode(503).header("Retry-After", matchesPattern("\\d+"));
        assertTrue(System.nanoTime() - start < PATIENCE.toNanos(), "nobody waits for it any more");
        assertEquals(0, cluster.encoder.requests().size());
        cluster.health.serving(EncoderServiceGrpc.SERVICE_NAME, true);
        Eventually.check("the encoder is back", () -> !routers.encoder().isDown(PATIENCE));
        ask().statusCode(200);
    }

    @Test
    void lostStatesAreEncodedAgainOnce() {
        AtomicInteger calls = new AtomicInteger();
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    if (calls.getAndIncrement() == 0) {
                        call.start();
                        call.fail(new TandemException(ErrorCode.STATE_LOST, null, "a chunk is gone"));
                    } else {
                        call.answer(false);
                    }
                }));
        ask().statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
        assertEquals(2, cluster.encoder.requests().size());
    }

    /** A decoder comes upon one damaged state at a time. */
    @Test
    void everySegmentMayBeLostOnce() {
        AtomicInteger calls = new AtomicInteger();
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    if (calls.getAndIncrement() < 3) {
                        call.fail(new TandemException(ErrorCode.STATE_LOST, null, "a chunk is damaged"));
                    } else {
                        call.answer(false);
                    }
                }));
        given().contentType(ContentType.JSON).body("""
                        {"model": "t5gemma-2", "messages": [{"role": "user", "content": "What is in them?"}],
                         "documents": [{"text": "one"}, {"text": "two"}]}
                        """).post(CHAT).then().statusCode(200);
        assertEquals(4, cluster.encoder.requests().size());
    }

    @Test
    void statesThatAreLostAgainAreAFailure() {
        cluster.decoders().forEach(decoder -> decoder.failAll(new TandemException(ErrorCode.STATE_LOST, null, "gone")));
        ask().statusCode(500).body("error.code", equalTo("state_lost"));
        assertEquals(2, cluster.encoder.requests().size());
    }

    @Test
    void lostSoftTokensAreMadeAgain() {
        cluster.encoder.failNext(new TandemException(ErrorCode.STATE_LOST, null, "soft tokens are gone"));
        ask().statusCode(200);
        assertEquals(2, cluster.encoder.requests().size());
    }

    @Test
    void answerThatNobodyHasSeenIsWrittenAgain() {
        loseFirst();
        ask().statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
        assertEquals(2, cluster.written.size());
    }

    @Test
    void streamThatHasBegunEndsWithAnError() {
        loseFirst();
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"hi\", \"stream\": true}")
                .post(COMPLETIONS)
                .then()
                .statusCode(200)
                .body(containsString("data: {\"error\""))
                .body(containsString("unavailable"))
                .body(not(containsString("[DONE]")));
        assertEquals(1, cluster.written.size());
    }

    /** The first decoder that is asked is lost in the middle of its answer. */
    private void loseFirst() {
        AtomicInteger calls = new AtomicInteger();
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    if (calls.getAndIncrement() == 0) {
                        call.start();
                        call.delta("a", List.of());
                        call.fail(new TandemException(ErrorCode.UNAVAILABLE, null, "away"));
                    } else {
                        call.answer(false);
                    }
                }));
    }

    @Test
    void failuresOfTheServerTellNothingButTheirId() {
        cluster.encoder.failNext(new TandemException(ErrorCode.INTERNAL, null, "NullPointerException in Foo.java"));
        ask().statusCode(500)
                .body("error.type", equalTo("server_error"))
                .body("error.message", not(containsString("Foo.java")))
                .body("error.message", matchesPattern(".*req_[0-9a-f]{32}.*"));
    }

    @Test
    void decoderThatStopsWithoutAnEndIsAFailure() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    call.call().onCompleted();
                }));
        ask().statusCode(500).body("error.code", equalTo("internal_error"));
    }

    private static ValidatableResponse ask() {
        return given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}")
                .post(COMPLETIONS)
                .then();
    }
}
