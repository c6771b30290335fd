package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.decoder.v1.Beams;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Beam searches: one request to a decoder, whose answers are the choices. The decoders' answers are their numbers. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class BeamsTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @BeforeEach
    void writeNumbers() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    int answers = request.hasBeams() ? request.getBeams().getAnswers() : 1;
                    for (int i = 0; i < answers; i++) {
                        call.call()
                                .onNext(GenerateEvent.newBuilder()
                                        .setAnswer(i)
                                        .setDelta(Delta.newBuilder().setText("no " + i))
                                        .build());
                        call.call()
                                .onNext(GenerateEvent.newBuilder()
                                        .setAnswer(i)
                                        .setFinished(Finished.newBuilder()
                                                .setReason(
                                                        i == 0
                                                                ? Finished.Reason.REASON_STOP
                                                                : Finished.Reason.REASON_LENGTH)
                                                .setCompletionTokens(5))
                                        .build());
                    }
                    call.call().onCompleted();
                }));
    }

    @Test
    void theAnswersOfOneSearchAreTheChoices() {
        ask(COMPLETIONS, "\"n\": 3, \"best_of\": 4, \"length_penalty\": 0.5, \"early_stopping\": true, \"seed\": 3")
                .body("choices.index", equalTo(List.of(0, 1, 2)))
                .body("choices.text", equalTo(List.of("no 0", "no 1", "no 2")))
                .body("choices.finish_reason", equalTo(List.of("stop", "length", "length")))
                .body("usage.prompt_tokens", equalTo(100))
                .body("usage.completion_tokens", equalTo(15));
        assertEquals(1, cluster.written.size());
        GenerateRequest written = cluster.written.getFirst();
        assertEquals(
                Beams.newBuilder()
                        .setWidth(4)
                        .setAnswers(3)
                        .setLengthPenalty(0.5f)
                        .setEarlyStopping(Beams.EarlyStopping.EARLY_STOPPING_WHEN_FULL)
                        .build(),
                written.getBeams());
        assertEquals(0, written.getSampling().getTemperature());
        assertFalse(written.getSampling().hasSeed());
    }

    @Test
    void theWidthIsNWhenThereIsNoBestOf() {
        ask(CHAT, "\"n\": 2, \"temperature\": 1, \"top_p\": 1, \"early_stopping\": \"never\"")
                .body("choices.message.content", equalTo(List.of("no 0", "no 1")));
        Beams beams = cluster.written.getFirst().getBeams();
        assertEquals(2, beams.getWidth());
        assertEquals(2, beams.getAnswers());
        assertFalse(beams.hasLengthPenalty());
        assertEquals(Beams.EarlyStopping.EARLY_STOPPING_WHEN_HOPELESS, beams.getEarlyStopping());
    }

    @Test
    void bestOfAloneSearchesForOneAnswer() {
        ask(CHAT, "\"best_of\": 8, \"temperature\": 0").body("choices.message.content", equalTo(List.of("no 0")));
        assertEquals(8, cluster.written.getFirst().getBeams().getWidth());
        assertEquals(1, cluster.written.getFirst().getBeams().getAnswers());
    }

    @Test
    void oneBeamIsTheGreedyAnswer() {
        ask(CHAT, "\"length_penalty\": 2").body("choices.message.content", equalTo(List.of("no 0")));
        assertFalse(cluster.written.getFirst().hasBeams());
        assertEquals(0, cluster.written.getFirst().getSampling().getTemperature());
    }

    @Test
    void penaltiesAndLimitsGoWithThem() {
        ask(COMPLETIONS, "\"n\": 2, \"repetition_penalty\": 1.5, \"logit_bias\": {\"5\": 1}, \"min_tokens\": 3");
        GenerateRequest written = cluster.written.getFirst();
        assertEquals(1.5f, written.getSampling().getRepetitionPenalty());
        assertEquals(1, written.getSampling().getLogitBiasMap().get(5));
        assertEquals(3, written.getLimits().getMinTokens());
    }

    @Test
    void everyPromptHasASearchOfItsOwn() {
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": [\"one\", \"two\"], \"n\": 2, \"use_beam_search\": true}")
                .post(COMPLETIONS)
                .then()
                .statusCode(200)
                .body("choices.index", equalTo(List.of(0, 1, 2, 3)))
                .body("choices.text", equalTo(List.of("no 0", "no 1", "no 0", "no 1")))
                .body("usage.prompt_tokens", equalTo(200))
                .body("usage.completion_tokens", equalTo(20));
        assertEquals(2, cluster.written.size());
    }

    @Test
    void streamedChoicesComeWholeAtTheEnd() throws IOException {
        List<String> pieces = new ArrayList<>();
        try (SseClient client = new SseClient(server, COMPLETIONS, body(COMPLETIONS, "\"n\": 2, \"stream\": true"))) {
            List<String> events = client.rest();
            assertEquals("[DONE]", events.removeLast());
            for (String event : events) {
                JsonNode choice = JSON.readTree(event).at("/choices/0");
                pieces.add(
                        choice.get("index").asInt() + " " + choice.get("text").asText() + " "
                                + choice.get("finish_reason").asText());
            }
        }
        assertEquals(List.of("0 no 0 null", "1 no 1 null", "0  stop", "1  length"), pieces);
    }

    private static ValidatableResponse ask(String path, String fields) {
        return given().contentType(ContentType.JSON)
                .body(body(path, fields))
                .post(path)
                .then()
                .statusCode(200);
    }

    private static String body(String path, String fields) {
        String prompt =
                path.equals(CHAT) ? "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]" : "\"prompt\": \"hi\"";
        return "{\"model\": \"t5gemma-2\", \"use_beam_search\": true, " + prompt + ", " + fields + "}";
    }
}
