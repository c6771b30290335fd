package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.ScoredToken;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Log probabilities in the two shapes that OpenAI has for them. The decoders write "Grü", the last letter in two parts, and stop. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class LogprobsTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] UMLAUT = {(byte) 0xc3, (byte) 0xbc};

    @BeforeEach
    void writeLogprobs() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    call.delta(Delta.newBuilder()
                            .setText("Gr")
                            .addLogprobs(
                                    told(0, scored(11, "Gr", -0.25f), scored(11, "Gr", -0.25f), scored(7, "G", -2)))
                            .build());
                    // Half a character has no text yet.
                    call.delta(Delta.newBuilder()
                            .addLogprobs(told(2, part(0, -1.5f), part(0, -1.5f), part(1, -3)))
                            .build());
                    call.delta(Delta.newBuilder()
                            .setText("\u00fc")
                            .addLogprobs(told(3, part(1, -4), scored(7, "G", -0.5f), scored(8, "", -1)))
                            .addLogprobs(told(3, scored(1, "<eos>", 0), scored(1, "<eos>", 0), scored(8, "", -9999)))
                            .build());
                    call.finish(Finished.Reason.REASON_STOP, 4);
                }));
    }

    @Test
    void chatHasOpenAisShape() {
        ask(CHAT, "\"logprobs\": true, \"top_logprobs\": 2")
                .body("choices[0]", aMapWithSize(4))
                .body("choices[0].message.content", equalTo("Gr\u00fc"))
                .body("choices[0].logprobs", aMapWithSize(2))
                .body("choices[0].logprobs.refusal", nullValue())
                .body("choices[0].logprobs.content", hasSize(4))
                .body("choices[0].logprobs.content[0]", aMapWithSize(4))
                .body("choices[0].logprobs.content[0].token", equalTo("Gr"))
                .body("choices[0].logprobs.content[0].logprob", equalTo(-0.25f))
                .body("choices[0].logprobs.content[0].bytes", equalTo(List.of(71, 114)))
                .body("choices[0].logprobs.content[0].top_logprobs", hasSize(2))
                .body("choices[0].logprobs.content[0].top_logprobs[1]", aMapWithSize(3))
                .body("choices[0].logprobs.content[0].top_logprobs[1].token", equalTo("G"))
                .body("choices[0].logprobs.content[0].top_logprobs[1].logprob", equalTo(-2.0f))
                .body("choices[0].logprobs.content[0].top_logprobs[1].bytes", equalTo(List.of(71)))
                .body("choices[0].logprobs.content[1].token", equalTo("\ufffd"))
                .body("choices[0].logprobs.content[1].bytes", equalTo(List.of(0xc3)))
                .body("choices[0].logprobs.content[2].bytes", equalTo(List.of(0xbc)))
                .body("choices[0].logprobs.content[3].token", equalTo("<eos>"));
        assertTrue(cluster.written.getFirst().hasLogprobs());
        assertEquals(2, cluster.written.getFirst().getLogprobs());
    }

    @Test
    void completionHasOpenAisShape() {
        ask(COMPLETIONS, "\"logprobs\": 2")
                .body("choices[0].text", equalTo("Gr\u00fc"))
                .body("choices[0].logprobs", aMapWithSize(4))
                .body("choices[0].logprobs.tokens", equalTo(List.of("Gr", "\ufffd", "\ufffd", "<eos>")))
                .body("choices[0].logprobs.token_logprobs", equalTo(List.of(-0.25f, -1.5f, -4.0f, 0.0f)))
                .body("choices[0].logprobs.text_offset", equalTo(List.of(0, 2, 3, 3)))
                .body("choices[0].logprobs.top_logprobs", hasSize(4))
                .body("choices[0].logprobs.top_logprobs[0]", aMapWithSize(2))
                .body("choices[0].logprobs.top_logprobs[0].G", equalTo(-2.0f))
                .body("choices[0].logprobs.top_logprobs[1]", aMapWithSize(1))
                .body("choices[0].logprobs.top_logprobs[1].'\ufffd'", equalTo(-1.5f))
                .body("choices[0].logprobs.top_logprobs[2]", aMapWithSize(3))
                .body("choices[0].logprobs.top_logprobs[2].'\ufffd'", equalTo(-4.0f))
                .body("choices[0].logprobs.top_logprobs[3].'<eos>'", equalTo(0.0f));
        assertEquals(2, cluster.written.getFirst().getLogprobs());
    }

    @Test
    void zeroIsTheTokensOwnAlone() {
        ask(COMPLETIONS, "\"logprobs\": 0");
        ask(CHAT, "\"logprobs\": true");
        ask(CHAT, "\"logprobs\": true, \"top_logprobs\": 0");
        cluster.written.forEach(request -> {
            assertTrue(request.hasLogprobs());
            assertEquals(0, request.getLogprobs());
        });
    }

    @Test
    void whoDoesNotAskGetsNone() {
        ask(CHAT, "\"logprobs\": false, \"top_logprobs\": 0").body("choices[0].logprobs", nullValue());
        ask(COMPLETIONS, "\"logprobs\": null").body("choices[0].logprobs", nullValue());
        cluster.written.forEach(request -> assertFalse(request.hasLogprobs()));
    }

    @Test
    void piecesHaveThoseOfTheirTokens() throws IOException {
        List<JsonNode> chat = pieces(CHAT, "\"logprobs\": true, \"top_logprobs\": 2");
        assertEquals(5, chat.size());
        assertTrue(chat.get(0).get("logprobs").isNull(), "the opening has no token");
        assertEquals("Gr", chat.get(1).at("/logprobs/content/0/token").asText());
        assertEquals("", chat.get(2).at("/delta/content").asText());
        assertEquals("[195]", chat.get(2).at("/logprobs/content/0/bytes").toString());
        assertEquals(2, chat.get(3).at("/logprobs/content").size());
        assertTrue(chat.get(4).get("logprobs").isNull(), "nor has the end");
        List<JsonNode> completion = pieces(COMPLETIONS, "\"logprobs\": 2");
        assertEquals(4, completion.size());
        List<Integer> offsets = new ArrayList<>();
        completion.forEach(piece -> piece.at("/logprobs/text_offset").forEach(offset -> offsets.add(offset.asInt())));
        assertEquals(List.of(0, 2, 3, 3), offsets);
    }

    @Test
    void openAisClientReadsThem() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(server.resolve("/v1").toString())
                .apiKey("none")
                .responseValidation(true)
                .maxRetries(0)
                .build();
        try {
            ChatCompletion chat = client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("t5gemma-2")
                            .addUserMessage("hi")
                            .logprobs(true)
                            .topLogprobs(2)
                            .frequencyPenalty(0.5)
                            .presencePenalty(-0.5)
                            .build());
            var content =
                    chat.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
            assertEquals("Gr", content.getFirst().token());
            assertEquals(List.of(0xc3L), content.get(1).bytes().orElseThrow());
            assertEquals(-2, content.getFirst().topLogprobs().get(1).logprob());
            Completion completion = client.completions()
                    .create(CompletionCreateParams.builder()
                            .model("t5gemma-2")
                            .prompt("hi")
                            .logprobs(2)
                            .build());
            var logprobs = completion.choices().getFirst().logprobs().orElseThrow();
            assertEquals(
                    List.of(-0.25, -1.5, -4.0, 0.0), logprobs.tokenLogprobs().orElseThrow());
            assertEquals(List.of(0L, 2L, 3L, 3L), logprobs.textOffset().orElseThrow());
        } finally {
            client.close();
        }
        assertEquals(0.5f, cluster.written.getFirst().getSampling().getFrequencyPenalty());
    }

    private static TokenLogprob told(int offset, ScoredToken token, ScoredToken... top) {
        return TokenLogprob.newBuilder()
                .setToken(token)
                .addAllTop(List.of(top))
                .setTextOffset(offset)
                .build();
    }

    private static ScoredToken scored(int id, String text, float logprob) {
        return ScoredToken.newBuilder()
                .setId(id)
                .setText(ByteString.copyFromUtf8(text))
                .setLogprob(logprob)
                .build();
    }

    private static ScoredToken part(int index, float logprob) {
        return ScoredToken.newBuilder()
                .setId(100 + index)
                .setText(ByteString.copyFrom(UMLAUT, index, 1))
                .setLogprob(logprob)
                .build();
    }

    private List<JsonNode> pieces(String path, String fields) throws IOException {
        List<JsonNode> choices = new ArrayList<>();
        try (SseClient client = new SseClient(server, path, body(path, fields + ", \"stream\": true"))) {
            List<String> events = client.rest();
            assertEquals("[DONE]", events.removeLast());
            for (String event : events) {
                choices.add(JSON.readTree(event).at("/choices/0"));
            }
        }
        return choices;
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
        return "{\"model\": \"t5gemma-2\", " + prompt + ", " + fields + "}";
    }
}
