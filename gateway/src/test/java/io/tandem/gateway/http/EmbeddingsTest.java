package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.EmbedInput;
import io.tandem.gateway.fake.FreePorts;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class EmbeddingsTest extends ApiTest {

    private static final String EMBEDDINGS = "/v1/embeddings";

    @Test
    void answerHasOpenAisShape() {
        embed("\"input\": [\"one\", \"two\"]")
                .header("x-tandem-cache", "miss")
                .body("$", aMapWithSize(4))
                .body("object", equalTo("list"))
                .body("model", equalTo("t5gemma-2"))
                .body("data.object", equalTo(List.of("embedding", "embedding")))
                .body("data.index", equalTo(List.of(0, 1)))
                .body("data[0].embedding", equalTo(List.of(10f, 0.5f)))
                .body("data[1].embedding", equalTo(List.of(10f, -0.5f)))
                .body("usage.prompt_tokens", equalTo(20))
                .body("usage.total_tokens", equalTo(20));
        embed("\"input\": [\"one\", \"two\"], \"user\": \"me\"")
                .header("x-tandem-cache", "hit")
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(20));
    }

    @Test
    void everyFormOfInputIsTaken() {
        embed("\"input\": \"one\"").body("data.size()", equalTo(1));
        assertEquals("one", last().getFirst().getText());
        assertEquals("input", last().getFirst().getField());
        embed("\"input\": [2, 5, 9]").body("data.size()", equalTo(1)).body("usage.prompt_tokens", equalTo(3));
        assertEquals(List.of(2, 5, 9), last().getFirst().getTokenIds().getIdsList());
        embed("\"input\": [[2], [5, 9]]")
                .body("data.index", equalTo(List.of(0, 1)))
                .body("usage.prompt_tokens", equalTo(3));
        assertEquals(List.of(5, 9), last().getLast().getTokenIds().getIdsList());
        assertEquals("input[1]", last().getLast().getField());
    }

    @Test
    void base64HoldsLittleEndianFloats() {
        // 10.0 is 0x41200000, 0.5 is 0x3f000000.
        embed("\"input\": \"one\", \"encoding_format\": \"base64\"").body("data[0].embedding", equalTo("AAAgQQAAAD8="));
        embed("\"input\": \"one\", \"encoding_format\": \"float\"")
                .body("data[0].embedding", equalTo(List.of(10f, 0.5f)));
    }

    @Test
    void openAisClientUnderstandsIt() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(server.resolve("/v1").toString())
                .apiKey("none")
                .responseValidation(true)
                .maxRetries(0)
                .build();
        try {
            CreateEmbeddingResponse answer = client.embeddings()
                    .create(EmbeddingCreateParams.builder()
                            .model("t5gemma-2")
                            .inputOfArrayOfStrings(List.of("one", "two"))
                            .build());
            assertEquals(List.of(10f, -0.5f), answer.data().getLast().embedding());
            assertEquals(1, answer.data().getLast().index());
            assertEquals(20, answer.usage().promptTokens());
        } finally {
            client.close();
        }
    }

    /** Fields of a body, and what must come of them. */
    private record Bad(String fields, String param, String code) {}

    static Stream<Bad> bad() {
        return Stream.of(
                new Bad("\"user\": \"x\"", "input", "invalid_value"),
                new Bad("\"input\": null", "input", "invalid_value"),
                new Bad("\"input\": 5", "input", "invalid_value"),
                new Bad("\"input\": {}", "input", "invalid_value"),
                new Bad("\"input\": \"\"", "input", "invalid_value"),
                new Bad("\"input\": []", "input", "invalid_value"),
                new Bad("\"input\": [\"a\", \"\"]", "input[1]", "invalid_value"),
                new Bad("\"input\": [\"a\", 5]", "input[1]", "invalid_value"),
                new Bad("\"input\": [[1], []]", "input[1]", "invalid_value"),
                new Bad("\"input\": [[1], [1000]]", "input[1][0]", "invalid_value"),
                new Bad("\"input\": [1, 1000]", "input[1]", "invalid_value"),
                new Bad("\"input\": [\"a\", \"b\", \"c\", \"d\", \"e\"]", "input", "invalid_value"),
                new Bad("\"input\": \"a\", \"dimensions\": 8", "dimensions", "unsupported_parameter"),
                new Bad("\"input\": \"a\", \"encoding_format\": \"int8\"", "encoding_format", "invalid_value"),
                new Bad("\"input\": \"a\", \"encoding_format\": 1", "encoding_format", "invalid_value"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedByName(Bad bad) {
        ask("\"model\": \"t5gemma-2\", " + bad.fields)
                .statusCode(400)
                .body("error", aMapWithSize(4))
                .body("error.param", equalTo(bad.param))
                .body("error.code", equalTo(bad.code));
        assertTrue(cluster.encoder.embedded().isEmpty(), "nothing reaches the encoder");
    }

    @Test
    void otherFailuresHaveTheirStatus() {
        ask("\"model\": \"gpt-4o\", \"input\": \"a\"").statusCode(404).body("error.code", equalTo("model_not_found"));
        ask("\"model\": \"t5gemma-2\", \"input\": [\"a\", \"b\", \"c\", \"d\", \"e\"]")
                .body("error.message", containsString("5 items, limit 4; raise tandem.gateway.counts.max-inputs"));
        cluster.encoder.failNext(new TandemException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "input", "too long"));
        ask("\"model\": \"t5gemma-2\", \"input\": \"a\"")
                .statusCode(400)
                .body("error.param", equalTo("input"))
                .body("error.code", equalTo("context_length_exceeded"));
        given().get(EMBEDDINGS).then().statusCode(405).header("Allow", "POST");
    }

    private List<EmbedInput> last() {
        return cluster.encoder.embedded().getLast().getInputsList();
    }

    private static ValidatableResponse embed(String fields) {
        return ask("\"model\": \"t5gemma-2\", " + fields).statusCode(200);
    }

    private static ValidatableResponse ask(String fields) {
        return given().contentType(ContentType.JSON)
                .body("{" + fields + "}")
                .post(EMBEDDINGS)
                .then();
    }
}
