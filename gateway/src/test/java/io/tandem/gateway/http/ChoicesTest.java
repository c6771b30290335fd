package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several answers to one prompt; the decoders write the seed that they were given. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class ChoicesTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @BeforeEach
    void writeSeeds() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    call.start();
                    call.delta(Long.toString(request.getSampling().getSeed()), List.of());
                    call.finish(Finished.Reason.REASON_STOP, 4);
                }));
    }

    @Test
    void everyChoiceHasItsIndexAndASeedOfItsOwn() {
        List<String> texts = complete("\"prompt\": \"hi\", \"n\": 8, \"best_of\": 8, \"seed\": 5")
                .body("choices.index", equalTo(List.of(0, 1, 2, 3, 4, 5, 6, 7)))
                .extract()
                .path("choices.text");
        assertEquals(8, Set.copyOf(texts).size(), texts.toString());
        assertEquals("5", texts.getFirst(), "the first is what a request for one answer gets");
        complete("\"prompt\": \"hi\", \"n\": 8, \"seed\": 5").body("choices.text", equalTo(texts));
        List<String> fewer = texts.subList(0, 3);
        complete("\"prompt\": \"hi\", \"n\": 3, \"seed\": 5").body("choices.text", equalTo(fewer));
    }

    @Test
    void withoutASeedDecodersDrawThem() {
        complete("\"prompt\": \"hi\", \"n\": 2");
        assertEquals(2, cluster.written.size());
        assertTrue(cluster.written.stream()
                .noneMatch(request -> request.getSampling().hasSeed()));
    }

    @Test
    void aPromptIsReadAndCountedOnce() {
        complete("\"prompt\": [\"one\", \"two\"], \"n\": 3, \"seed\": 5")
                .header("x-tandem-cache", "miss")
                .body("choices.index", equalTo(List.of(0, 1, 2, 3, 4, 5)))
                .body("usage.prompt_tokens", equalTo(200))
                .body("usage.completion_tokens", equalTo(24))
                .body("usage.total_tokens", equalTo(224))
                .body("usage.prompt_tokens_details.cached_tokens", equalTo(0));
        assertEquals(2, cluster.encoder.requests().size());
        assertEquals(6, cluster.written.size());
    }

    @Test
    void streamedChoicesKeepApart() throws IOException {
        String question = """
                {"model": "t5gemma-2", "stream": true, "stream_options": {"include_usage": true}, "n": 3, "seed": 5,
                 "messages": [{"role": "user", "content": "hi"}]}""";
        Map<Integer, StringBuilder> texts = new TreeMap<>();
        Map<Integer, Integer> ends = new TreeMap<>();
        JsonNode usage = null;
        try (SseClient client = new SseClient(server, CHAT, question)) {
            List<String> events = client.rest();
            assertEquals("[DONE]", events.removeLast());
            for (String event : events) {
                JsonNode piece = JSON.readTree(event);
                usage = piece.get("usage");
                for (JsonNode choice : piece.get("choices")) {
                    int index = choice.get("index").intValue();
                    texts.computeIfAbsent(index, fresh -> new StringBuilder())
                            .append(choice.at("/delta/content").asText());
                    if (!choice.get("finish_reason").isNull()) {
                        ends.merge(index, 1, Integer::sum);
                    }
                }
            }
        }
        assertEquals(Map.of(0, 1, 1, 1, 2, 1), ends);
        Set<String> distinct = new TreeSet<>();
        texts.values().forEach(text -> distinct.add(text.toString()));
        assertEquals(3, distinct.size(), texts.toString());
        assertEquals("5", texts.get(0).toString());
        assertEquals(100, usage.get("prompt_tokens").intValue());
        assertEquals(12, usage.get("completion_tokens").intValue());
    }

    @Test
    void aChoiceEndsWhileOthersAreWritten() throws Exception {
        cluster.decoders().forEach(FakeDecoder::hold);
        String question = "{\"model\": \"t5gemma-2\", \"stream\": true, \"n\": 2, \"prompt\": \"hi\"}";
        try (SseClient client = new SseClient(server, COMPLETIONS, question)) {
            List<FakeDecoder.Held> calls = List.of(cluster.nextHeld(), cluster.nextHeld());
            FakeDecoder.Held first = calls.getFirst();
            first.start();
            first.delta("a", List.of());
            assertEquals(
                    "a", JSON.readTree(client.nextData()).at("/choices/0/text").asText());
            first.finish(Finished.Reason.REASON_LENGTH, 1);
            JsonNode end = JSON.readTree(client.nextData()).at("/choices/0");
            assertEquals("length", end.get("finish_reason").asText());
            FakeDecoder.Held second = calls.getLast();
            second.start();
            second.delta("b", List.of());
            JsonNode going = JSON.readTree(client.nextData()).at("/choices/0");
            assertEquals("b", going.get("text").asText());
            assertEquals(1 - end.get("index").asInt(), going.get("index").asInt());
            second.finish(Finished.Reason.REASON_STOP, 1);
            assertEquals(2, client.rest().size(), "its end, and that of the stream");
        }
    }

    @Test
    void oneChoiceThatFailsFailsTheRequest() {
        cluster.decoders()
                .forEach(decoder -> decoder.answer((request, call) -> {
                    if (request.getSampling().getSeed() == 5) {
                        call.fail(new TandemException(ErrorCode.OVERLOADED, null, "full"));
                    }
                }));
        given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", \"prompt\": \"hi\", \"n\": 3, \"seed\": 5}")
                .post(COMPLETIONS)
                .then()
                .statusCode(429)
                .body("error.code", equalTo("overloaded"));
    }

    @Test
    void openAisClientGetsItsChoices() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(server.resolve("/v1").toString())
                .apiKey("none")
                .responseValidation(true)
                .maxRetries(0)
                .build();
        try {
            ChatCompletion answer = client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("t5gemma-2")
                            .addUserMessage("Who is there?")
                            .n(2)
                            .build());
            assertEquals(
                    List.of(0L, 1L),
                    answer.choices().stream().map(ChatCompletion.Choice::index).toList());
            assertEquals(100, answer.usage().orElseThrow().promptTokens());
            assertEquals(8, answer.usage().orElseThrow().completionTokens());
        } finally {
            client.close();
        }
    }

    private static ValidatableResponse complete(String fields) {
        return given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", " + fields + "}")
                .post(COMPLETIONS)
                .then()
                .statusCode(200);
    }
}
