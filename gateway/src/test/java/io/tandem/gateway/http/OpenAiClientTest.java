package io.tandem.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class OpenAiClientTest extends ApiTest {

    private OpenAIClient client;

    @BeforeEach
    void connect() {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(server.resolve("/v1").toString())
                .apiKey("none")
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void chatsInOnePiece() {
        ChatCompletion answer = client.chat().completions().create(question().build());
        ChatCompletion.Choice choice = answer.choices().getFirst();
        assertEquals(FakeDecoder.ANSWER, choice.message().content().orElseThrow());
        assertEquals(ChatCompletion.Choice.FinishReason.STOP, choice.finishReason());
        assertEquals(100, answer.usage().orElseThrow().promptTokens());
        assertEquals(4, answer.usage().orElseThrow().completionTokens());
        assertEquals("t5gemma-2", answer.model());
        assertTrue(answer.id().startsWith("chatcmpl-"), answer.id());
    }

    @Test
    void chatsInPieces() {
        List<ChatCompletionChunk> chunks = stream(question()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build());
        StringBuilder text = new StringBuilder();
        chunks.forEach(chunk ->
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append)));
        assertEquals(FakeDecoder.ANSWER, text.toString());
        assertEquals(104, chunks.getLast().usage().orElseThrow().totalTokens());
    }

    @Test
    void chatsAboutPictures() {
        ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
                .model("t5gemma-2")
                .addUserMessageOfArrayOfContentParts(List.of(picture("one"), text("against"), picture("two")))
                .build();
        ChatCompletion answer = client.chat().completions().create(params);
        assertEquals(612, answer.usage().orElseThrow().promptTokens());
        assertEquals(2, cluster.vision.decoded());
        assertEquals(2, cluster.encoder.requests().getFirst().getImagesCount());
    }

    @Test
    void continuesTexts() {
        Completion answer = client.completions()
                .create(CompletionCreateParams.builder()
                        .model("t5gemma-2")
                        .promptOfArrayOfStrings(List.of("one", "two"))
                        .build());
        assertEquals(
                List.of(0L, 1L),
                answer.choices().stream().map(CompletionChoice::index).toList());
        assertEquals(FakeDecoder.ANSWER, answer.choices().getLast().text());
        assertEquals(200, answer.usage().orElseThrow().promptTokens());
        assertTrue(answer.id().startsWith("cmpl-"), answer.id());
    }

    @Test
    void continuesTextsInPieces() {
        CompletionCreateParams params = CompletionCreateParams.builder()
                .model("t5gemma-2")
                .promptOfArrayOfTokens(List.of(2L, 5L, 9L))
                .build();
        StringBuilder text = new StringBuilder();
        // OpenAI's pieces have finish_reason null until the last, which its own schema, and so this client's check,
        // forbids.
        RequestOptions unchecked =
                RequestOptions.builder().responseValidation(false).build();
        try (StreamResponse<Completion> stream = client.completions().createStreaming(params, unchecked)) {
            stream.stream().flatMap(piece -> piece.choices().stream()).forEach(choice -> text.append(choice.text()));
        }
        assertEquals(FakeDecoder.ANSWER, text.toString());
    }

    @Test
    void saysHowAnswersAreWritten() {
        client.chat()
                .completions()
                .create(question()
                        .frequencyPenalty(0.5)
                        .presencePenalty(-1.5)
                        .logitBias(ChatCompletionCreateParams.LogitBias.builder()
                                .putAdditionalProperty("7", JsonValue.from(-100))
                                .build())
                        .putAdditionalBodyProperty("use_beam_search", JsonValue.from(true))
                        .putAdditionalBodyProperty("repetition_penalty", JsonValue.from(1.5))
                        .putAdditionalBodyProperty("min_tokens", JsonValue.from(2))
                        .putAdditionalBodyProperty("best_of", JsonValue.from(4))
                        .build());
        GenerateRequest written = cluster.written.getFirst();
        assertEquals(0.5f, written.getSampling().getFrequencyPenalty());
        assertEquals(-1.5f, written.getSampling().getPresencePenalty());
        assertEquals(1.5f, written.getSampling().getRepetitionPenalty());
        assertEquals(Map.of(7, -100f), written.getSampling().getLogitBiasMap());
        assertEquals(2, written.getLimits().getMinTokens());
        assertEquals(4, written.getBeams().getWidth());
    }

    @Test
    void listsModels() {
        assertEquals(
                List.of("t5gemma-2", "t5gemma-2-270m"),
                client.models().list().data().stream().map(Model::id).toList());
        assertEquals(
                "t5gemma-2-270m", client.models().retrieve("t5gemma-2-270m").id());
        assertThrows(NotFoundException.class, () -> client.models().retrieve("gpt-4o"));
    }

    @Test
    void failuresBecomeTheClientsOwn() {
        BadRequestException bad = assertThrows(
                BadRequestException.class,
                () -> client.chat().completions().create(question().n(9).build()));
        assertEquals("n", bad.param().orElseThrow());
        assertEquals("invalid_value", bad.code().orElseThrow());
        assertThrows(NotFoundException.class, () -> client.chat()
                .completions()
                .create(question().model("gpt-4o").build()));
        cluster.decoders().forEach(decoder -> decoder.failAll(new TandemException(ErrorCode.OVERLOADED, null, "full")));
        assertThrows(
                RateLimitException.class,
                () -> client.chat().completions().create(question().build()));
    }

    private List<ChatCompletionChunk> stream(ChatCompletionCreateParams params) {
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(params)) {
            return stream.stream().toList();
        }
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder()
                .model("t5gemma-2")
                .addSystemMessage("Be brief.")
                .addUserMessage("Who is there?");
    }

    private static ChatCompletionContentPart text(String text) {
        return ChatCompletionContentPart.ofText(
                ChatCompletionContentPartText.builder().text(text).build());
    }

    private static ChatCompletionContentPart picture(String bytes) {
        String base64 = Base64.getEncoder().encodeToString(bytes.getBytes(StandardCharsets.UTF_8));
        return ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                        .url("data:image/png;base64," + base64)
                        .build())
                .build());
    }
}
