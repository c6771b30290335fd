package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time that a client gives its request. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class DeadlineTest extends ApiTest {

    private static final String QUESTION = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}";

    @Test
    void lateAnswerIsATimeoutAndFreesTheDecoder() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        given().contentType(ContentType.JSON)
                .header("x-request-timeout", "0.3")
                .body(QUESTION)
                .post(COMPLETIONS)
                .then()
                .statusCode(504)
                .body("error", aMapWithSize(4))
                .body("error.type", equalTo("server_error"))
                .body("error.param", nullValue())
                .body("error.code", equalTo("deadline_exceeded"))
                .body("error.message", containsString("x-request-timeout"));
        FakeDecoder.Held call = cluster.nextHeld();
        Eventually.check("the decoder sees the end", () -> call.call().isCancelled());
    }

    @Test
    void waitingForAdmissionCounts() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        List<SseClient> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            running.add(new SseClient(server, COMPLETIONS, QUESTION));
        }
        Eventually.check("four are with a decoder", () -> cluster.written.size() == 4);
        given().contentType(ContentType.JSON)
                .header("x-request-timeout", "0.2")
                .body(QUESTION)
                .post(COMPLETIONS)
                .then()
                .statusCode(504);
        assertEquals(0, admission.waiting());
        for (SseClient client : running) {
            client.close();
        }
        nothingIsLeft();
        assertEquals(4, cluster.written.size(), "nothing was done for the one that waited in vain");
    }

    @Test
    void itTravelsWithEveryCall() {
        given().contentType(ContentType.JSON)
                .header("x-request-timeout", "7.5")
                .body("""
                        {"model": "t5gemma-2", "prompt": "<start_of_image>", "images": ["data:image/png;base64,QUFB"]}""")
                .post(COMPLETIONS)
                .then()
                .statusCode(200);
        for (String method : new String[] {
            VisionServiceGrpc.getEncodeMethod().getFullMethodName(),
            EncoderServiceGrpc.getEncodeMethod().getFullMethodName(),
            DecoderServiceGrpc.getGenerateMethod().getFullMethodName()
        }) {
            Duration left = cluster.deadlines.get(method);
            assertNotNull(left, method + " has no deadline");
            assertTrue(left.compareTo(Duration.ofMillis(7500)) <= 0, method + " has " + left);
            assertTrue(left.isPositive(), method + " has " + left);
        }
    }

    @Test
    void withoutAWishItIsTheServersOwn() {
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"input\": \"hi\"}")
                .post("/v1/embeddings")
                .then()
                .statusCode(200);
        Duration left =
                cluster.deadlines.get(EncoderServiceGrpc.getEmbedMethod().getFullMethodName());
        // tandem.gateway.deadline is 20 s here.
        assertTrue(
                left.compareTo(Duration.ofSeconds(20)) <= 0 && left.compareTo(Duration.ofSeconds(10)) > 0,
                left.toString());
    }

    @Test
    void answerInTimeIsAnAnswer() {
        for (String seconds : new String[] {"19", "20.000000001", "999999999"}) {
            given().contentType(ContentType.JSON)
                    .header("x-request-timeout", seconds)
                    .body(QUESTION)
                    .post(COMPLETIONS)
                    .then()
                    .statusCode(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0.000", "-1", "1e3", "soon", "NaN", "1,5", "1s", "", "9999999999", "1.0000000000"})
    void whatIsNoTimeIsRefused(String seconds) {
        given().contentType(ContentType.JSON)
                .header("x-request-timeout", seconds)
                .body(QUESTION)
                .post(COMPLETIONS)
                .then()
                .statusCode(400)
                .body("error.code", equalTo("invalid_value"))
                .body("error.message", containsString("x-request-timeout"));
        assertTrue(cluster.written.isEmpty());
    }
}
