package io.tandem.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeCluster;
import io.tandem.gateway.fake.FakeDecoder;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.health.ServiceWatch;
import jakarta.inject.Inject;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class OpenAiClientTest {

    @Inject
    FakeCluster cluster;

    @Inject
    ServiceWatch watch;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private OpenAIClient client;

    @BeforeEach
    void connect() {
        cluster.reset();
        Eventually.check("ready", watch::isReady);
        int bound =
                org.eclipse.microprofile.config.ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
        client = OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:" + bound + "/v1")
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
        assertEquals(
                FakeDecoder.ANSWER,
                answer.choices().getFirst().message().content().orElseThrow());
        assertEquals(
                ChatCompletion.Choice.FinishReason.STOP,
                answer.choices().getFirst().finishReason());
        assertEquals(100, answer.usage().orElseThrow().promptTokens());
        assertEquals(4, answer.usage().orElseThrow().completionTokens());
        assertTrue(answer.id().startsWith("chatcmpl-"));
    }

    @Test
    void chatsInPieces() {
        StringBuilder text = new StringBuilder();
        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(question()
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            chunks = stream.stream().toList();
        }
        chunks.forEach(chunk ->
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append)));
        assertEquals(FakeDecoder.ANSWER, text.toString());
        assertEquals(104, chunks.getLast().usage().orElseThrow().totalTokens());
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder()
                .model("t5gemma-2")
                .addSystemMessage("Be brief.")
                .addUserMessage("Who is there?");
    }
}
