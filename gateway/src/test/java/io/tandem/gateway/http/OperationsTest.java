package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.routing.Instance;
import java.io.IOException;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class OperationsTest extends ApiTest {

    @Test
    void readyFollowsEveryRole() {
        assertEquals(200, status("ready"));
        assertEquals(200, status("live"));
        assertEquals(200, status("started"));
        cluster.health.serving(VisionServiceGrpc.SERVICE_NAME, false);
        Eventually.check("not ready without vision", () -> status("ready") == 503);
        assertEquals(200, status("live"));
        assertEquals(200, status("started"));
        cluster.health.serving(VisionServiceGrpc.SERVICE_NAME, true);
        Eventually.check("ready again", () -> status("ready") == 200);
    }

    @Test
    void oneDecoderIsEnough() {
        cluster.health.serving(DecoderServiceGrpc.SERVICE_NAME, false);
        Eventually.check(
                "one decoder is left",
                () -> routers.decoders().instances().stream()
                                .filter(Instance::isAvailable)
                                .count()
                        == 1);
        assertEquals(200, status("ready"));
        ask();
        assertEquals(1, cluster.otherDecoder.requests().size());
        cluster.otherHealth.serving(DecoderServiceGrpc.SERVICE_NAME, false);
        Eventually.check("not ready without decoders", () -> status("ready") == 503);
    }

    @Test
    void figuresTellWhatHappened() {
        double answered = figure("tandem_gateway_requests_total{code=\"200\",error=\"none\",route=\"chat\"}");
        double prompt = figure("tandem_gateway_prompt_tokens_total");
        double cached = figure("tandem_gateway_cached_tokens_total");
        double completion = figure("tandem_gateway_completion_tokens_total");
        String refusal = "tandem_gateway_requests_total{code=\"400\",error=\"invalid_request\",route=\"chat\"}";
        double refused = figure(refusal);
        ask();
        ask();
        given().contentType(ContentType.JSON).body("{}").post(CHAT).then().statusCode(400);
        Eventually.check(
                "requests are counted",
                () -> figure("tandem_gateway_requests_total{code=\"200\",error=\"none\",route=\"chat\"}")
                        == answered + 2);
        assertEquals(prompt + 200, figure("tandem_gateway_prompt_tokens_total"));
        assertEquals(cached + 100, figure("tandem_gateway_cached_tokens_total"));
        assertEquals(completion + 8, figure("tandem_gateway_completion_tokens_total"));
        assertEquals(refused + 1, figure(refusal));
        assertTrue(figure("tandem_gateway_time_to_first_token_seconds_count{route=\"chat\"}") >= 2);
        assertTrue(figure("tandem_gateway_request_seconds_count{route=\"chat\"}") >= 3);
        assertTrue(figure("tandem_gateway_queue_seconds_count") >= 2);
        assertEquals(0, figure("tandem_gateway_queue_depth"));
        assertEquals(
                0,
                figure("tandem_gateway_decoder_in_flight{decoder=\""
                        + routers.decoders().instances().getFirst().id() + "\"}"));
    }

    @Test
    void whoeverLeavesIsCountedThoughNothingIsSent() throws IOException {
        String left = "tandem_gateway_requests_total{code=\"499\",error=\"cancelled\",route=\"completions\"}";
        double before = figure(left);
        cluster.decoders().forEach(FakeDecoder::hold);
        for (String stream : new String[] {"true", "false"}) {
            String question = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\", \"stream\": " + stream + "}";
            int asked = cluster.written.size();
            try (SseClient client = new SseClient(server, COMPLETIONS, question)) {
                Eventually.check("it is with a decoder", () -> cluster.written.size() == asked + 1);
            }
        }
        Eventually.check("both are counted", () -> figure(left) == before + 2);
    }

    private void ask() {
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}")
                .post(CHAT)
                .then()
                .statusCode(200)
                .body("object", equalTo("chat.completion"));
    }

    private static int status(String probe) {
        return given().get("/q/health/" + probe).statusCode();
    }

    /** A figure that was never touched is 0. */
    private static double figure(String name) {
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }
}
