package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.gateway.fake.FreePorts;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The two routes that are vLLM's. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class TokenizeTest extends ApiTest {

    private static final String TOKENIZE = "/tokenize";
    private static final String DETOKENIZE = "/detokenize";
    private static final String MESSAGES = "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]";

    @Test
    void promptsBecomeTokens() {
        ask(TOKENIZE, "\"prompt\": \"hi\"")
                .statusCode(200)
                .body("$", aMapWithSize(4))
                .body("count", equalTo(2))
                .body("max_model_len", equalTo(8192))
                .body("tokens", equalTo(List.of(104, 105)))
                .body("token_strs", nullValue());
        assertFalse(last().hasAddSpecialTokens());
        ask(
                        TOKENIZE,
                        "\"model\": \"t5gemma-2\", \"prompt\": \"hi\", \"add_special_tokens\": false,"
                                + " \"return_token_strs\": true")
                .statusCode(200)
                .body("token_strs", equalTo(List.of("h", "i")));
        assertTrue(last().hasAddSpecialTokens());
        assertFalse(last().getAddSpecialTokens());
        ask(TOKENIZE, "\"prompt\": \"\"").statusCode(200).body("count", equalTo(0));
    }

    @Test
    void conversationsBecomeTokens() {
        ask(TOKENIZE, MESSAGES).statusCode(200).body("tokens", equalTo(List.of(104, 105)));
        assertEquals("user", last().getConversation().getMessages(0).getRole());
        assertFalse(last().hasAddSpecialTokens());
        assertFalse(last().hasAddGenerationPrompt());
        ask(TOKENIZE, MESSAGES + ", \"add_generation_prompt\": false, \"add_special_tokens\": true")
                .statusCode(200);
        assertTrue(last().hasAddGenerationPrompt());
        assertFalse(last().getAddGenerationPrompt());
        assertTrue(last().getAddSpecialTokens());
    }

    @Test
    void tokensBecomeText() {
        ask(DETOKENIZE, "\"model\": \"t5gemma-2\", \"tokens\": [104, 105]")
                .statusCode(200)
                .body("$", aMapWithSize(1))
                .body("prompt", equalTo("hi"));
        ask(DETOKENIZE, "\"tokens\": []").statusCode(200).body("prompt", equalTo(""));
    }

    /** Fields of a body, and what must come of them. */
    private record Bad(String path, String fields, String param, String code) {}

    static Stream<Bad> bad() {
        String picture = "\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\","
                + " \"image_url\": {\"url\": \"data:image/png;base64,QUFB\"}}]}]";
        return Stream.of(
                new Bad(TOKENIZE, "", "prompt", "invalid_value"),
                new Bad(TOKENIZE, "\"prompt\": 5", "prompt", "invalid_value"),
                new Bad(TOKENIZE, "\"prompt\": \"hi\", " + MESSAGES, "prompt", "invalid_value"),
                new Bad(TOKENIZE, "\"messages\": []", "messages", "invalid_value"),
                new Bad(TOKENIZE, "\"messages\": \"hi\"", "messages", "invalid_value"),
                new Bad(TOKENIZE, picture, "messages[0].content[0].image_url.url", "unsupported_parameter"),
                new Bad(
                        TOKENIZE,
                        MESSAGES + ", \"continue_final_message\": true",
                        "continue_final_message",
                        "unsupported_parameter"),
                new Bad(
                        TOKENIZE,
                        MESSAGES + ", \"add_generation_prompt\": 1",
                        "add_generation_prompt",
                        "invalid_value"),
                new Bad(TOKENIZE, "\"prompt\": \"hi\", \"return_token_strs\": 1", "return_token_strs", "invalid_value"),
                new Bad(
                        TOKENIZE,
                        "\"prompt\": \"hi\", \"add_special_tokens\": \"no\"",
                        "add_special_tokens",
                        "invalid_value"),
                new Bad(DETOKENIZE, "", "tokens", "invalid_value"),
                new Bad(DETOKENIZE, "\"tokens\": \"hi\"", "tokens", "invalid_value"),
                new Bad(DETOKENIZE, "\"tokens\": [1, 1000]", "tokens[1]", "invalid_value"),
                new Bad(DETOKENIZE, "\"tokens\": [" + "1,".repeat(8192) + "1]", "tokens", "context_length_exceeded"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedByName(Bad bad) {
        ask(bad.path, bad.fields)
                .statusCode(400)
                .body("error", aMapWithSize(4))
                .body("error.param", equalTo(bad.param))
                .body("error.code", equalTo(bad.code));
    }

    @Test
    void unknownModelIsNotFound() {
        ask(TOKENIZE, "\"model\": \"gpt-4o\", \"prompt\": \"hi\"")
                .statusCode(404)
                .body("error.code", equalTo("model_not_found"));
        given().get(TOKENIZE).then().statusCode(405).header("Allow", "POST");
    }

    private TokenizeRequest last() {
        return cluster.encoder.tokenized().getLast();
    }

    private static ValidatableResponse ask(String path, String fields) {
        return given().contentType(ContentType.JSON)
                .body("{" + fields + "}")
                .post(path)
                .then();
    }
}
