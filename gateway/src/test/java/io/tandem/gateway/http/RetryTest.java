package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class RetryTest extends ApiTest {

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
        assertEquals(2, cluster.written.size(), "each was asked once");
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
    void answerThatHasBegunIsNotTriedAgain() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    call.delta("a", List.of());
                    call.fail(new TandemException(ErrorCode.UNAVAILABLE, null, "away"));
                }));
        ask().statusCode(503);
        assertEquals(1, cluster.written.size());
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
