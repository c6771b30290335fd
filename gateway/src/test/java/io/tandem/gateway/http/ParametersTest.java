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
import java.util.List;
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

    @ParameterizedTest
    @ValueSource(strings = {CHAT, COMPLETIONS})
    void theBoundsThemselvesAreTaken(String path) {
        GenerateRequest most = written(path, """
                "temperature": 2, "top_p": 1, "top_k": 2147483647, "min_p": 1, "seed": 9223372036854775807,
                "stop": ["a", "b", "c", "d"], "max_tokens": 4096, "frequency_penalty": 2, "presence_penalty": 2,
                "repetition_penalty": 100, "user": "u", "metadata": {"k": "v"}""");
        assertEquals(2, most.getSampling().getTemperature());
        assertEquals(Long.MAX_VALUE, most.getSampling().getSeed());
        assertEquals(List.of("a", "b", "c", "d"), most.getLimits().getStopList());
        assertEquals(4096, most.getLimits().getMaxTokens());
        cluster.written.clear();
        GenerateRequest least = written(path, """
                "temperature": 0, "top_k": 0, "min_p": 0, "seed": -9223372036854775808, "stop": [], "max_tokens": 1,
                "frequency_penalty": -2, "presence_penalty": -2, "repetition_penalty": 0.01""");
        assertEquals(0, least.getSampling().getTemperature());
        assertEquals(Long.MIN_VALUE, least.getSampling().getSeed());
        assertEquals(1, least.getLimits().getMaxTokens());
    }

    @Test
    void theNewerNameOfTheLimitWins() {
        assertEquals(
                7,
                written(CHAT, "\"max_tokens\": 9, \"max_completion_tokens\": 7")
                        .getLimits()
                        .getMaxTokens());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"decoder_prefix\": \"So\"", "\"decoder_prefix\": [7, 8]"})
    void prefixesReachTheDecoder(String field) {
        for (String path : List.of(CHAT, COMPLETIONS)) {
            GenerateRequest request = written(path, field);
            assertEquals(field.contains("So") ? "So" : "", request.getPrefixText());
            assertEquals(
                    field.contains("So") ? List.of() : List.of(7, 8),
                    request.getPrefixTokenIds().getIdsList());
            cluster.written.clear();
        }
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
