package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class AnswerTest extends ApiTest {

    @Test
    void chatHasOpenAisShape() {
        chat("").body("$", aMapWithSize(7))
                .body("id", matchesPattern("chatcmpl-[0-9a-f]{32}"))
                .body("object", equalTo("chat.completion"))
                .body("model", equalTo("t5gemma-2"))
                .body("system_fingerprint", equalTo("fake-none"))
                .body("choices[0]", aMapWithSize(4))
                .body("choices[0].index", equalTo(0))
                .body("choices[0].message", aMapWithSize(3))
                .body("choices[0].message.role", equalTo("assistant"))
                .body("choices[0].message.content", equalTo(FakeDecoder.ANSWER))
                .body("choices[0].message.refusal", nullValue())
                .body("choices[0]", hasKey("logprobs"))
                .body("choices[0].logprobs", nullValue())
                .body("choices[0].finish_reason", equalTo("stop"));
    }

    @Test
    void completionHasOpenAisShape() {
        complete("\"prompt\": \"hi\", \"return_token_ids\": true")
                .body("object", equalTo("text_completion"))
                .body("choices[0]", aMapWithSize(6))
                .body("choices[0].text", equalTo(FakeDecoder.ANSWER))
                .body("choices[0].token_ids", equalTo(List.of(11, 12, 13)))
                .body("choices[0].prompt_token_ids", equalTo(List.of(2, 7)))
                .body("usage.total_tokens", equalTo(104));
    }

    @Test
    void secondRequestIsCached() {
        chat(", \"documents\": [{\"title\": \"t\", \"text\": \"d\"}]")
                .header("x-tandem-cache", "miss")
                .body("usage.prompt_tokens", equalTo(150))
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(0))
                .body("usage.prompt_tokens_details.cache_write_tokens", equalTo(150));
        chat("").header("x-tandem-cache", "hit");
        chat(", \"documents\": [{\"text\": \"other\"}]")
                .header("x-tandem-cache", "partial")
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(100));
    }

    @Test
    void requestIdAndTimesComeBack() {
        given().contentType(ContentType.JSON)
                .header("x-request-id", "abc-123")
                .body(chatBody(""))
                .post(CHAT)
                .then()
                .header("x-request-id", "abc-123")
                .header("x-tandem-decoder", matchesPattern("127\\.0\\.0\\.1:\\d+"))
                .header(
                        "server-timing",
                        matchesPattern(
                                "queue;dur=\\S+, vision;dur=\\S+, encode;dur=\\S+, transfer;dur=2.000, decode;dur=3.000"));
        given().contentType(ContentType.JSON)
                .header("x-request-id", "a b\u00e4")
                .body(chatBody(""))
                .post(CHAT)
                .then()
                .header("x-request-id", matchesPattern("req_.*"));
    }

    @Test
    void samplingReachesTheDecoder() {
        chat(", \"temperature\": 0.5, \"top_p\": 0.9, \"top_k\": 40, \"min_p\": 0.05, \"seed\": -3,"
                + " \"max_completion_tokens\": 9, \"max_tokens\": 5, \"stop\": \"END\", \"stop_token_ids\": [1, 2]");
        GenerateRequest sent = lastWritten();
        assertEquals(0.5f, sent.getSampling().getTemperature());
        assertEquals(0.9f, sent.getSampling().getTopP());
        assertEquals(40, sent.getSampling().getTopK());
        assertEquals(0.05f, sent.getSampling().getMinP());
        assertEquals(-3, sent.getSampling().getSeed());
        assertEquals(9, sent.getLimits().getMaxTokens());
        assertEquals(List.of("END"), sent.getLimits().getStopList());
        assertEquals(List.of(1, 2), sent.getLimits().getStopTokenIdsList());
    }

    @Test
    void whatIsNotAskedForIsNotSent() {
        chat(", \"temperature\": null, \"top_k\": -1, \"stop\": null, \"seed\": null, \"something\": {\"new\": 1}");
        GenerateRequest sent = lastWritten();
        assertEquals(1f, sent.getSampling().getTemperature());
        assertFalse(sent.getSampling().hasTopP());
        assertFalse(sent.getSampling().hasTopK());
        assertFalse(sent.getSampling().hasMinP());
        assertFalse(sent.getSampling().hasSeed());
        assertEquals(0, sent.getLimits().getMaxTokens());
        assertFalse(sent.hasPrefixText() || sent.hasPrefixTokenIds() || sent.getReturnTokenIds());
        complete("\"prompt\": \"hi\"");
        assertEquals(16, lastWritten().getLimits().getMaxTokens());
    }

    @Test
    void noProbabilityMassIsGreedy() {
        chat(", \"temperature\": 1, \"top_p\": 0");
        assertEquals(0f, lastWritten().getSampling().getTemperature());
        assertFalse(lastWritten().getSampling().hasTopP());
    }

    @Test
    void harmlessValuesOfUnsupportedFieldsPass() {
        chat(", \"n\": 1, \"tools\": [], \"tool_choice\": \"none\", \"logit_bias\": {}, \"logprobs\": false,"
                + " \"presence_penalty\": 0.0, \"response_format\": {\"type\": \"text\"}, \"modalities\": [\"text\"],"
                + " \"store\": false, \"user\": \"u\", \"metadata\": {\"k\": \"v\"}");
    }

    @Test
    void messagesKeepTheirFormAndOrder() {
        given().contentType(ContentType.JSON)
                .body("""
                        {"model": "t5gemma-2", "continue_final_message": true, "messages": [
                          {"role": "developer", "content": "Be brief."},
                          {"role": "user", "content": [
                            {"type": "text", "text": "one"},
                            {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,QUFB", "detail": "low"}},
                            {"type": "text", "text": "two"}]},
                          {"role": "assistant", "content": "It begins"}]}""")
                .post(CHAT)
                .then()
                .statusCode(200)
                .body("usage.prompt_tokens_details.image_tokens", equalTo(256));
        EncodeRequest sent = cluster.encoder.requests().getLast();
        assertEquals(2, sent.getConversation().getMessagesCount());
        Message first = sent.getConversation().getMessages(0);
        assertEquals("system", first.getRole());
        assertEquals("Be brief.", first.getText());
        Message second = sent.getConversation().getMessages(1);
        assertEquals(3, second.getParts().getPartsCount());
        assertTrue(second.getParts().getParts(1).hasImage());
        assertEquals(1, sent.getImagesCount());
        assertEquals("It begins", lastWritten().getPrefixText());
    }

    @Test
    void completionTakesIdsDocumentsAndPrefix() {
        complete("\"prompt\": [[2, 5], [9]], \"documents\": [{\"token_ids\": [4, 4]}], \"decoder_prefix\": [7, 8]")
                .body("choices.index", equalTo(List.of(0, 1)))
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(50));
        EncodeRequest sent = cluster.encoder.requests().stream()
                .filter(request -> request.getTokenIds().getIdsCount() == 2)
                .findFirst()
                .orElseThrow();
        assertEquals(List.of(2, 5), sent.getTokenIds().getIdsList());
        assertEquals(List.of(4, 4), sent.getDocuments(0).getTokenIds().getIdsList());
        assertEquals(List.of(7, 8), lastWritten().getPrefixTokenIds().getIdsList());
    }

    @Test
    void documentsMayStandAlone() {
        complete("\"documents\": [{\"text\": \"d\"}], \"decoder_prefix\": \"So\"");
        assertTrue(cluster.encoder.requests().getLast().hasText());
        assertEquals("", cluster.encoder.requests().getLast().getText());
        assertEquals("So", lastWritten().getPrefixText());
    }

    @Test
    void largePicturesTravelInPiecesAndOnlyOnce() {
        byte[] picture = new byte[1_100_000];
        new Random(5).nextBytes(picture);
        String uri = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture);
        complete("\"prompt\": \"<start_of_image>\", \"images\": [\"" + uri + "\"]");
        complete("\"prompt\": \"<start_of_image> again\", \"images\": [\"" + uri + "\"]");
        assertEquals(1, cluster.vision.decoded());
        assertEquals(1, cluster.vision.early());
    }

    @Test
    void picturesOfOneRequestAreBounded() {
        String uris = "\"data:image/png;base64,QUFB\", \"data:image/png;base64,QkJC\", \"data:image/png;base64,Q0ND\"";
        complete("\"prompt\": \"x\", \"images\": [" + uris + "]");
        assertEquals(3, cluster.vision.decoded());
        assertTrue(cluster.vision.mostAtOnce() <= 2, "tandem.gateway.images.parallel is 2");
    }

    @Test
    void modelsTellTheirLimits() {
        given().get("/v1/models/t5gemma-2")
                .then()
                .statusCode(200)
                .body("object", equalTo("model"))
                .body("owned_by", equalTo("tandem"))
                .body("max_model_len", equalTo(8192))
                .body("max_decoder_tokens", equalTo(4096));
        given().get("/v1/models")
                .then()
                .header("Connection", nullValue())
                .body("object", equalTo("list"))
                .body("data.id", hasItem("t5gemma-2"));
    }

    private GenerateRequest lastWritten() {
        return cluster.written.getLast();
    }

    private static ValidatableResponse chat(String more) {
        return given().contentType(ContentType.JSON)
                .body(chatBody(more))
                .post(CHAT)
                .then()
                .statusCode(200);
    }

    private static String chatBody(String more) {
        return "{\"model\": \"t5gemma-2\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]" + more + "}";
    }

    private static ValidatableResponse complete(String fields) {
        return given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", " + fields + "}")
                .post(COMPLETIONS)
                .then()
                .statusCode(200);
    }
}
