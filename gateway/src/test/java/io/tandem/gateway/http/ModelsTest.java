package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FakeModel;
import io.tandem.gateway.fake.FreePorts;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What requests see of roles that serve different models: nothing, or an honest 503. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class ModelsTest extends ApiTest {

    private static final String OTHER = "other-model";

    @Test
    void statesGoToTheDecoderTogetherWithWhoMadeThem() {
        ask("hi").statusCode(200);
        assertEquals(List.of(FakeModel.MODEL), models(cluster.written));
    }

    @Test
    void aDecoderOfAnotherModelGetsNothing() {
        cluster.otherModel.serve(OTHER);
        awaitDiffering(1);
        for (int i = 0; i < 20; i++) {
            ask("question " + i).statusCode(200);
        }
        assertEquals(0, cluster.otherDecoder.requests().size());
        assertTrue(figure("tandem_gateway_differing_instances{role=\"decoder\"} 1.0"));
        cluster.otherModel.serve(FakeModel.MODEL);
        awaitDiffering(0);
        assertTrue(figure("tandem_gateway_differing_instances{role=\"decoder\"} 0.0"));
    }

    @Test
    void decodersOfAnotherModelOnlyAreAnHonest503() {
        cluster.otherModel.serve(OTHER);
        cluster.decoder.failAll(new TandemException(ErrorCode.UNAVAILABLE, null, "away"));
        cluster.health.serving("tandem.decoder.v1.DecoderService", false);
        awaitDiffering(1);
        ask("hi")
                .statusCode(503)
                .header("Retry-After", matchesPattern("\\d+"))
                .body("error.code", equalTo("model_mismatch"))
                .body("error.message", containsString("different models"))
                .body("error.message", containsString("tandem.engine.model"));
        given().get("/q/health/ready").then().statusCode(503);
        assertEquals(0, cluster.otherDecoder.requests().size());
    }

    @Test
    void aDecoderThatRefusesWhatItCannotUseIsReplaced() {
        for (FakeDecoder decoder : cluster.decoders()) {
            cluster.reset();
            decoder.failAll(new TandemException(ErrorCode.MODEL_MISMATCH, null, "these are another model's states"));
            ask("hi").statusCode(200).body("choices[0].text", equalTo(FakeDecoder.ANSWER));
        }
    }

    @Test
    void requestsFollowAllRolesToAnotherModel() {
        cluster.decoder.answer((request, call) -> {
            // The whole server is replaced between reading and writing.
            if (request.getModel().equals(FakeModel.MODEL)) {
                cluster.model.serve(OTHER);
                cluster.otherModel.serve(OTHER);
                call.fail(new TandemException(ErrorCode.MODEL_MISMATCH, null, "these are another model's states"));
            } else {
                call.answer(false);
            }
        });
        cluster.otherDecoder.answer((request, call) -> {
            if (request.getModel().equals(OTHER)) {
                call.answer(false);
            } else {
                call.fail(new TandemException(ErrorCode.MODEL_MISMATCH, null, "these are another model's states"));
            }
        });
        int tries = 0;
        while (cluster.model.model().equals(FakeModel.MODEL)) {
            ask("question " + tries++).statusCode(200);
        }
        Eventually.check(
                "the model is another one", () -> routers.decoders().model().equals(Optional.of(OTHER)));
        ask("hi").statusCode(200).body("system_fingerprint", equalTo(OTHER + "-none"));
        assertEquals(OTHER, cluster.written.getLast().getModel());
    }

    @Test
    void picturesThatWereSeenByAnotherModelAreSeenAgain() {
        String chat = """
                {"model": "t5gemma-2", "messages": [{"role": "user", "content": [
                  {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,QUFB"}}]}]}
                """;
        cluster.encoder.failNext(new TandemException(ErrorCode.MODEL_MISMATCH, null, "another model's soft tokens"));
        given().contentType(ContentType.JSON).body(chat).post(CHAT).then().statusCode(200);
        assertEquals(2, cluster.encoder.requests().size());
        assertEquals(1, cluster.vision.early(), "asked again, and found");
    }

    private void awaitDiffering(int decoders) {
        Eventually.check(
                decoders + " decoders differ",
                () -> routers.decoders().differing().size() == decoders);
    }

    private static List<String> models(List<GenerateRequest> written) {
        return written.stream().map(GenerateRequest::getModel).toList();
    }

    private static ValidatableResponse ask(String prompt) {
        return given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"" + prompt + "\"}")
                .post(COMPLETIONS)
                .then();
    }

    private static boolean figure(String line) {
        return given().get("/q/metrics").asString().lines().anyMatch(line::equals);
    }
}
