package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every failure's status, type and code as the API promises them, wherever in the request's life it comes. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class ErrorBodiesTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUESTION = "{\"model\": \"t5gemma-2\", \"prompt\": \"hi\"}";
    private static final String DETAIL = "what the decoder says";

    /** The table of the API, once more: another one than that of the code. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INVALID_REQUEST         | 400 | invalid_request_error | invalid_value           | told
            UNSUPPORTED_PARAMETER   | 400 | invalid_request_error | unsupported_parameter   | told
            CONTEXT_LENGTH_EXCEEDED | 400 | invalid_request_error | context_length_exceeded | told
            INVALID_IMAGE           | 400 | invalid_request_error | invalid_image           | told
            PAYLOAD_TOO_LARGE       | 413 | invalid_request_error | payload_too_large       | told
            OVERLOADED              | 429 | rate_limit_error      | overloaded              | told
            INTERNAL                | 500 | server_error          | internal_error          | hidden
            STATE_LOST              | 500 | server_error          | state_lost              | hidden
            UNAVAILABLE             | 503 | server_error          | unavailable             | hidden
            DRAINING                | 503 | server_error          | draining                | told
            DEADLINE_EXCEEDED       | 504 | server_error          | deadline_exceeded       | hidden
            """)
    void failuresOfAServiceHaveTheirStatus(ErrorCode code, int status, String type, String name, String message)
            throws IOException {
        cluster.decoders().forEach(decoder -> decoder.failAll(new TandemException(code, "prompt", DETAIL)));
        ValidatableResponse response = ask(QUESTION)
                .statusCode(status)
                .contentType(ContentType.JSON)
                .header("Retry-After", status == 429 || status == 503 ? matchesPattern("[1-9]\\d*") : nullValue())
                .body("$", aMapWithSize(1))
                .body("error", aMapWithSize(4))
                .body("error.type", equalTo(type))
                .body("error.param", equalTo("prompt"))
                .body("error.code", equalTo(name));
        String id = response.extract().header("x-request-id");
        if (message.equals("told")) {
            response.body("error.message", equalTo(DETAIL));
        } else {
            response.body("error.message", matchesPattern("(?!.*" + DETAIL + ").*" + id + ".*"));
        }
        inMidStreamItIsAnEvent(code, type, name);
    }

    private void inMidStreamItIsAnEvent(ErrorCode code, String type, String name) throws IOException {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    call.delta(FakeDecoder.ANSWER, List.of());
                    call.fail(new TandemException(code, "prompt", DETAIL));
                }));
        try (SseClient client = new SseClient(server, COMPLETIONS, QUESTION.replace("}", ", \"stream\": true}"))) {
            assertEquals(200, client.status());
            assertEquals(
                    FakeDecoder.ANSWER,
                    JSON.readTree(client.nextData()).at("/choices/0/text").asText());
            JsonNode last = JSON.readTree(client.nextData());
            assertEquals(1, last.size(), last.toString());
            assertEquals(4, last.get("error").size(), last.toString());
            assertEquals(type, last.at("/error/type").asText());
            assertEquals("prompt", last.at("/error/param").asText());
            assertEquals(name, last.at("/error/code").asText());
            assertEquals(null, client.next(), "the stream is closed, and there was no [DONE]");
        }
    }

    @Test
    void nothingIsUnprocessable() {
        for (ErrorCode code : ErrorCode.values()) {
            assertNotEquals(422, code.httpStatus(), code.name());
        }
    }

    @Test
    void unknownThingsAreNotFoundByName() {
        ask(QUESTION.replace("t5gemma-2", "gpt-4o"))
                .statusCode(404)
                .body(
                        "error",
                        equalTo(Map.of(
                                "message",
                                "The model gpt-4o does not exist here; this server serves t5gemma-2, t5gemma-2-270m"
                                        + " (tandem.gateway.served-model-names).",
                                "type",
                                "invalid_request_error",
                                "param",
                                "model",
                                "code",
                                "model_not_found")));
        String nobody = "file-" + "0".repeat(32);
        for (String path : new String[] {"/v1/files/" + nobody, "/v1/files/" + nobody + "/content"}) {
            given().get(path)
                    .then()
                    .statusCode(404)
                    .body("error.type", equalTo("invalid_request_error"))
                    .body("error.param", equalTo("file_id"))
                    .body("error.code", equalTo("not_found"));
        }
        ask("{\"model\": \"t5gemma-2\", \"documents\": [{\"file_id\": \"" + nobody + "\"}]}")
                .statusCode(404)
                .body("error.param", equalTo("documents[0].file_id"))
                .body("error.code", equalTo("not_found"));
        given().get("/v1/nothing")
                .then()
                .statusCode(404)
                .body("error", hasKey("param"))
                .body("error.param", nullValue());
    }

    private static ValidatableResponse ask(String body) {
        return given().contentType(ContentType.JSON)
                .body(body)
                .post(COMPLETIONS)
                .then();
    }
}
