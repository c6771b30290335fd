package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.gateway.fake.FakeVision;
import io.tandem.gateway.fake.FreePorts;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class BadRequestTest extends ApiTest {

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final String VALID_CHAT = """
            {"model": "t5gemma-2", "messages": [{"role": "user", "content": "hi"}]}""";
    private static final String VALID_COMPLETION = """
            {"model": "t5gemma-2", "prompt": "hi"}""";
    private static final String INVALID = "invalid_value";
    private static final String UNSUPPORTED = "unsupported_parameter";

    /** A valid body with some of its fields replaced, and what must come of it. */
    private record Bad(String path, String changes, String param, String code) {
        @Override
        public String toString() {
            return changes.length() > 80 ? changes.substring(0, 80) : changes;
        }
    }

    static Stream<Bad> chats() {
        return Stream.of(
                chat("{'model': null}", "model", INVALID),
                chat("{'model': 7}", "model", INVALID),
                chat("{'messages': null}", "messages", INVALID),
                chat("{'messages': []}", "messages", INVALID),
                chat("{'messages': 'hi'}", "messages", INVALID),
                chat("{'messages': ['hi']}", "messages[0]", INVALID),
                chat("{'messages': [null]}", "messages[0]", INVALID),
                messages("{'content': 'hi'}", "messages[0].role", INVALID),
                messages("{'role': 'wizard', 'content': 'hi'}", "messages[0].role", INVALID),
                messages("{'role': 'tool', 'content': 'hi'}", "messages[0].role", UNSUPPORTED),
                messages("{'role': 'user'}", "messages[0].content", INVALID),
                messages("{'role': 'user', 'content': 5}", "messages[0].content", INVALID),
                messages("{'role': 'user', 'content': {}}", "messages[0].content", INVALID),
                messages("{'role': 'user', 'content': []}", "messages[0].content", INVALID),
                messages("{'role': 'user', 'content': '\\ud800'}", "messages[0].content", INVALID),
                parts("'hi'", "messages[0].content[0]", INVALID),
                parts("{'text': 'hi'}", "messages[0].content[0].type", INVALID),
                parts("{'type': 'video'}", "messages[0].content[0].type", INVALID),
                parts("{'type': 'input_audio'}", "messages[0].content[0].type", UNSUPPORTED),
                parts("{'type': 'text'}", "messages[0].content[0].text", INVALID),
                parts("{'type': 'text', 'text': 1}", "messages[0].content[0].text", INVALID),
                parts("{'type': 'image_url'}", "messages[0].content[0].image_url", INVALID),
                parts("{'type': 'image_url', 'image_url': 'x'}", "messages[0].content[0].image_url", INVALID),
                parts("{'type': 'image_url', 'image_url': {}}", "messages[0].content[0].image_url.url", INVALID),
                picture("ftp://x/y.png", "invalid_image"),
                picture("data:image/png;base64", "invalid_image"),
                picture("data:image/png,abc", "invalid_image"),
                picture("data:text/plain;base64,aGk=", "invalid_image"),
                picture("data:image/png;base64,***", "invalid_image"),
                picture("data:image/png;base64,", "invalid_image"),
                picture("http://example.com/y.png", UNSUPPORTED),
                picture("HTTPS://example.com/y.png", UNSUPPORTED),
                picture("data:image/png;base64," + base64(FakeVision.BROKEN), "invalid_image"),
                messages(
                        "{'role': 'system', 'content': [{'type': 'image_url', 'image_url': {'url': 'x'}}]}",
                        "messages[0].content[0].image_url",
                        INVALID),
                parts(
                        "{'type': 'image_url', 'image_url': {'url': 'x', 'detail': 'blurred'}}",
                        "messages[0].content[0].image_url.detail",
                        INVALID),
                chat("{'continue_final_message': true}", "messages[0].role", INVALID),
                chat(
                        "{'messages': [{'role': 'assistant', 'content': 'hi'}], 'continue_final_message': true}",
                        "messages",
                        INVALID),
                chat("{'max_completion_tokens': 0}", "max_completion_tokens", INVALID),
                chat("{'max_completion_tokens': 5000}", "max_completion_tokens", "context_length_exceeded"),
                chat("{'stream_options': {'include_usage': true}}", "stream_options", INVALID),
                chat(
                        "{'stream': true, 'stream_options': {'include_usage': 1}}",
                        "stream_options.include_usage",
                        INVALID),
                chat("{'documents': {}}", "documents", INVALID),
                chat("{'documents': ['text']}", "documents[0]", INVALID),
                chat("{'documents': [{'title': 'x'}]}", "documents[0].text", INVALID),
                chat("{'documents': [{'text': ''}]}", "documents[0].text", INVALID),
                chat("{'documents': [{'text': 'x', 'title': 3}]}", "documents[0].title", INVALID),
                chat("{'documents': [{'text':'a'},{'text':'b'},{'text':'c'},{'text':'d'}]}", "documents", INVALID),
                chat("{'tools': [{'type': 'function'}]}", "tools", UNSUPPORTED),
                chat("{'tool_choice': 'auto'}", "tool_choice", UNSUPPORTED),
                chat("{'audio': {}}", "audio", UNSUPPORTED),
                chat("{'modalities': ['text', 'audio']}", "modalities", UNSUPPORTED),
                search("{'logprobs': true}", "logprobs", INVALID),
                chat("{'logprobs': 1}", "logprobs", INVALID),
                chat("{'top_logprobs': 3}", "top_logprobs", INVALID),
                chat("{'logprobs': false, 'top_logprobs': 3}", "top_logprobs", INVALID),
                chat("{'logprobs': true, 'top_logprobs': 21}", "top_logprobs", INVALID),
                chat("{'logprobs': true, 'top_logprobs': -1}", "top_logprobs", INVALID),
                chat("{'logprobs': true, 'top_logprobs': 1.5}", "top_logprobs", INVALID),
                chat("{'store': true}", "store", UNSUPPORTED));
    }

    static Stream<Bad> completions() {
        return Stream.of(
                completion("{'prompt': null}", "prompt", INVALID),
                completion("{'prompt': ''}", "prompt", INVALID),
                completion("{'prompt': []}", "prompt", INVALID),
                completion("{'prompt': {}}", "prompt", INVALID),
                completion("{'prompt': [1, 'a']}", "prompt[1]", INVALID),
                completion("{'prompt': ['a', 1]}", "prompt[1]", INVALID),
                completion("{'prompt': ['a', '']}", "prompt[1]", INVALID),
                completion("{'prompt': [1, 1000]}", "prompt[1]", INVALID),
                completion("{'prompt': [-1]}", "prompt[0]", INVALID),
                completion("{'prompt': [1.5]}", "prompt[0]", INVALID),
                completion("{'prompt': [99999999999999999999]}", "prompt[0]", INVALID),
                completion("{'prompt': [[1], []]}", "prompt[1]", INVALID),
                completion("{'prompt': [[1], ['a']]}", "prompt[1][0]", INVALID),
                completion("{'prompt': ['a', 'b', 'c', 'd']}", "prompt", INVALID),
                completion("{'images': 'x'}", "images", INVALID),
                completion("{'images': [1]}", "images[0]", INVALID),
                completion("{'prompt': [1], 'images': ['x']}", "images", INVALID),
                completion("{'prompt': ['a', 'b'], 'images': ['x']}", "images", INVALID),
                completion("{'images': ['a', 'b', 'c', 'd']}", "images[3]", INVALID),
                completion("{'documents': [{'token_ids': []}]}", "documents[0].token_ids", INVALID),
                completion("{'documents': [{'token_ids': [1], 'text': 'x'}]}", "documents[0].token_ids", INVALID),
                completion("{'documents': [{'token_ids': [1000]}]}", "documents[0].token_ids[0]", INVALID),
                completion("{'max_tokens': 0}", "max_tokens", INVALID),
                completion("{'max_tokens': 5000}", "max_tokens", "context_length_exceeded"),
                completion("{'logprobs': 6}", "logprobs", INVALID),
                completion("{'logprobs': -1}", "logprobs", INVALID),
                completion("{'logprobs': true}", "logprobs", INVALID),
                completion("{'echo': true}", "echo", UNSUPPORTED),
                completion("{'suffix': 'x'}", "suffix", UNSUPPORTED),
                completion("{'best_of': 2}", "best_of", UNSUPPORTED),
                completion("{'best_of': 1, 'n': 2}", "best_of", UNSUPPORTED),
                completion("{'best_of': 0}", "best_of", INVALID));
    }

    /** Each on both routes. */
    static Stream<Bad> both() {
        return Stream.of(
                        chat("{'stream': 'yes'}", "stream", INVALID),
                        chat("{'temperature': -0.1}", "temperature", INVALID),
                        chat("{'temperature': 2.1}", "temperature", INVALID),
                        chat("{'temperature': 1e999}", "temperature", INVALID),
                        chat("{'temperature': '1'}", "temperature", INVALID),
                        chat("{'top_p': 1.1}", "top_p", INVALID),
                        chat("{'top_p': []}", "top_p", INVALID),
                        chat("{'top_k': -2}", "top_k", INVALID),
                        chat("{'top_k': 1.5}", "top_k", INVALID),
                        chat("{'min_p': 2}", "min_p", INVALID),
                        chat("{'seed': 9223372036854775808}", "seed", INVALID),
                        chat("{'seed': 1.0}", "seed", INVALID),
                        chat("{'max_tokens': '5'}", "max_tokens", INVALID),
                        chat("{'max_tokens': 1e3}", "max_tokens", INVALID),
                        chat("{'stop': 5}", "stop", INVALID),
                        chat("{'stop': ''}", "stop", INVALID),
                        chat("{'stop': ['a', '']}", "stop[1]", INVALID),
                        chat("{'stop': ['a', 'b', 'c', 'd', 'e']}", "stop", INVALID),
                        chat("{'stop_token_ids': 5}", "stop_token_ids", INVALID),
                        chat("{'stop_token_ids': [1000]}", "stop_token_ids[0]", INVALID),
                        chat("{'return_token_ids': 1}", "return_token_ids", INVALID),
                        chat("{'decoder_prefix': 5}", "decoder_prefix", INVALID),
                        chat("{'decoder_prefix': [null]}", "decoder_prefix[0]", INVALID),
                        chat("{'n': 0}", "n", INVALID),
                        chat("{'n': 9}", "n", INVALID),
                        chat("{'n': 1.5}", "n", INVALID),
                        chat("{'frequency_penalty': 2.1}", "frequency_penalty", INVALID),
                        chat("{'frequency_penalty': '1'}", "frequency_penalty", INVALID),
                        chat("{'presence_penalty': -2.1}", "presence_penalty", INVALID),
                        chat("{'presence_penalty': 1e999}", "presence_penalty", INVALID),
                        chat("{'repetition_penalty': 0}", "repetition_penalty", INVALID),
                        chat("{'repetition_penalty': -1}", "repetition_penalty", INVALID),
                        chat("{'repetition_penalty': 1000}", "repetition_penalty", INVALID),
                        chat("{'logit_bias': [5]}", "logit_bias", INVALID),
                        chat("{'logit_bias': {'5': 101}}", "logit_bias.5", INVALID),
                        chat("{'logit_bias': {'5': '1'}}", "logit_bias.5", INVALID),
                        chat("{'logit_bias': {'5': null}}", "logit_bias.5", INVALID),
                        chat("{'logit_bias': {'1000': 1}}", "logit_bias", INVALID),
                        chat("{'logit_bias': {'-1': 1}}", "logit_bias", INVALID),
                        chat("{'logit_bias': {'05': 1}}", "logit_bias", INVALID),
                        chat("{'logit_bias': {'hello': 1}}", "logit_bias", INVALID),
                        chat("{'logit_bias': {'99999999999999999999': 1}}", "logit_bias", INVALID),
                        chat("{'min_tokens': -1}", "min_tokens", INVALID),
                        chat("{'min_tokens': 9, 'max_tokens': 8}", "min_tokens", INVALID),
                        chat("{'min_tokens': 100000}", "min_tokens", INVALID),
                        chat("{'ignore_eos': 1}", "ignore_eos", INVALID),
                        chat("{'use_beam_search': 1}", "use_beam_search", INVALID),
                        chat("{'length_penalty': 2}", "length_penalty", INVALID),
                        chat("{'length_penalty': '1'}", "length_penalty", INVALID),
                        chat("{'early_stopping': 'never'}", "early_stopping", INVALID),
                        search("{'length_penalty': 11}", "length_penalty", INVALID),
                        search("{'length_penalty': true}", "length_penalty", INVALID),
                        search("{'early_stopping': 'always'}", "early_stopping", INVALID),
                        search("{'early_stopping': 1}", "early_stopping", INVALID),
                        search("{'best_of': 2}", "best_of", INVALID),
                        search("{'best_of': 9}", "best_of", INVALID),
                        search("{'temperature': 0.7}", "temperature", INVALID),
                        search("{'top_p': 0.9}", "top_p", INVALID),
                        search("{'top_k': 5}", "top_k", INVALID),
                        search("{'min_p': 0.1}", "min_p", INVALID),
                        search("{'stop': 'x'}", "stop", INVALID),
                        chat("{'response_format': {'type': 'json_object'}}", "response_format", UNSUPPORTED))
                .flatMap(bad -> Stream.of(bad, new Bad(COMPLETIONS, bad.changes, bad.param, bad.code)));
    }

    @ParameterizedTest
    @MethodSource({"chats", "completions", "both"})
    void isRefusedByName(Bad bad) throws JsonProcessingException {
        given().contentType(ContentType.JSON)
                .body(changed(bad))
                .post(bad.path)
                .then()
                .statusCode(400)
                .header("x-request-id", matchesPattern("req_[0-9a-f]{32}"))
                .body("error", aMapWithSize(4))
                .body("error.message", not(blankOrNullString()))
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.param", equalTo(bad.param))
                .body("error.code", equalTo(bad.code));
        assertTrue(cluster.decoder.requests().isEmpty(), "nothing reaches a decoder");
    }

    static Stream<byte[]> malformed() {
        return Stream.of(
                        "",
                        "{",
                        "[]",
                        "null",
                        "\"text\"",
                        VALID_CHAT + "x",
                        VALID_CHAT + VALID_CHAT,
                        "{'model': 'a'}",
                        "{\"model\": \"a\", \"model\": \"b\"}",
                        "{\"model\": NaN}",
                        "{\"seed\": " + "9".repeat(2000) + "}",
                        "{\"model\": " + "[".repeat(100) + "]".repeat(100) + "}",
                        "{\"model\": \"\u0001\"}",
                        "{\"model\": \"\\x\"}",
                        "{\"model\": \"\u00ff\"}")
                // One byte for each character: the last one is no UTF-8 then.
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatIsNoJsonObjectIsRefused(byte[] body) {
        given().contentType(ContentType.JSON)
                .body(body)
                .post(CHAT)
                .then()
                .statusCode(400)
                .body("error", aMapWithSize(4))
                .body("error.message", not(blankOrNullString()))
                .body("error.param", equalTo(null))
                .body("error.code", equalTo(INVALID));
    }

    @Test
    void unknownModelIsNotFound() {
        for (String path : new String[] {CHAT, COMPLETIONS}) {
            given().contentType(ContentType.JSON)
                    .body("{\"model\": \"gpt-4o\", \"messages\": [], \"prompt\": \"\"}")
                    .post(path)
                    .then()
                    .statusCode(404)
                    .body("error.param", equalTo("model"))
                    .body("error.code", equalTo("model_not_found"));
        }
    }

    @Test
    void unknownPathsAndMethodsHaveTheSameShape() {
        given().get("/v1/nothing").then().statusCode(404).body("error.code", equalTo("not_found"));
        given().get(CHAT)
                .then()
                .statusCode(405)
                .header("Allow", "POST")
                .body("error.code", equalTo("method_not_allowed"));
        given().post("/v1/models").then().statusCode(405).header("Allow", "GET");
        for (String id : List.of("gpt-4o", "google/t5gemma-2", "google%2Ft5gemma-2")) {
            given().urlEncodingEnabled(false)
                    .get("/v1/models/" + id)
                    .then()
                    .statusCode(404)
                    .body("error.param", equalTo("model"));
        }
    }

    @Test
    void onlyJsonIsTaken() {
        given().contentType("text/plain")
                .body(VALID_CHAT)
                .post(CHAT)
                .then()
                .statusCode(415)
                .body("error.code", equalTo("unsupported_media_type"));
    }

    @Test
    void pictureOverItsCapNamesBothNumbers() throws JsonProcessingException {
        String uri = "data:image/png;base64," + Base64.getEncoder().encodeToString(new byte[1_300_000]);
        given().contentType(ContentType.JSON)
                .body(changed(picture(uri, "")))
                .post(CHAT)
                .then()
                .statusCode(413)
                .body("error.param", equalTo("messages[0].content[0].image_url.url"))
                .body(
                        "error.message",
                        matchesPattern(".*1,300,000 bytes, limit 1,228,800.*tandem.gateway.images.max-size.*"));
    }

    private static String changed(Bad bad) throws JsonProcessingException {
        ObjectNode body = (ObjectNode) JSON.readTree(bad.path.equals(CHAT) ? VALID_CHAT : VALID_COMPLETION);
        // A number beyond double's range must arrive as it is written here.
        ObjectNode changes = (ObjectNode) JSON.readTree(bad.changes.replace("1e999", "\"1e999\""));
        body.setAll(changes);
        return JSON.writeValueAsString(body).replace("\"1e999\"", "1e999");
    }

    private static Bad chat(String changes, String param, String code) {
        return new Bad(CHAT, changes.replace('\'', '"'), param, code);
    }

    /** Of three answers by beam search. */
    private static Bad search(String changes, String param, String code) {
        return chat(changes.replace("}", ", 'use_beam_search': true, 'n': 3}"), param, code);
    }

    private static Bad completion(String changes, String param, String code) {
        return new Bad(COMPLETIONS, changes.replace('\'', '"'), param, code);
    }

    private static Bad messages(String message, String param, String code) {
        return chat("{'messages': [" + message + "]}", param, code);
    }

    private static Bad parts(String part, String param, String code) {
        return messages("{'role': 'user', 'content': [" + part + "]}", param, code);
    }

    private static Bad picture(String uri, String code) {
        return parts(
                "{'type': 'image_url', 'image_url': {'url': '" + uri + "'}}",
                "messages[0].content[0].image_url.url",
                code);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
