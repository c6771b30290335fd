package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.gateway.fake.FreePorts;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What decoders are told of the fields that say how an answer is written, on both routes. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class ParametersTest extends ApiTest {

    @ParameterizedTest
    @ValueSource(strings = {CHAT, COMPLETIONS})
    void penaltiesAndBiasesReachTheDecoder(String path) {
        Sampling sampling = written(path, """
                "frequency_penalty": 0.5, "presence_penalty": -2, "repetition_penalty": 1.25,
                "logit_bias": {"7": 100, "0": -0.5}""").getSampling();
        assertEquals(0.5f, sampling.getFrequencyPenalty());
        assertEquals(-2, sampling.getPresencePenalty());
        assertEquals(1.25f, sampling.getRepetitionPenalty());
        assertEquals(Map.of(7, 100f, 0, -0.5f), sampling.getLogitBiasMap());
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, COMPLETIONS})
    void leastLengthReachesTheDecoder(String path) {
        Limits limits = written(path, "\"max_tokens\": 9, \"min_tokens\": 9, \"ignore_eos\": true")
                .getLimits();
        assertEquals(9, limits.getMinTokens());
        assertTrue(limits.getIgnoreEos());
    }

    @Test
    void withoutThemNothingIsChanged() {
        GenerateRequest plain = written(CHAT, "\"logit_bias\": {}, \"presence_penalty\": null");
        assertEquals(0, plain.getSampling().getFrequencyPenalty());
        assertEquals(0, plain.getSampling().getPresencePenalty());
        assertFalse(plain.getSampling().hasRepetitionPenalty());
        assertEquals(Map.of(), plain.getSampling().getLogitBiasMap());
        assertEquals(0, plain.getLimits().getMinTokens());
        assertFalse(plain.getLimits().getIgnoreEos());
    }

    @Test
    void biasesAreCounted() {
        String biases =
                IntStream.range(0, 1025).mapToObj(id -> "\"" + id + "\": 1").collect(Collectors.joining(", "));
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"hi\", \"logit_bias\": {" + biases + "}}")
                .post(COMPLETIONS)
                .then()
                .statusCode(400)
                .body("error.param", equalTo("logit_bias"))
                .body("error.message", containsString("1025 tokens, limit 1024"));
    }

    /** The one request that a decoder gets. */
    private GenerateRequest written(String path, String fields) {
        String prompt =
                path.equals(CHAT) ? "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]" : "\"prompt\": \"hi\"";
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", " + prompt + ", " + fields + "}")
                .post(path)
                .then()
                .statusCode(200);
        assertEquals(1, cluster.written.size());
        return cluster.written.getFirst();
    }
}
