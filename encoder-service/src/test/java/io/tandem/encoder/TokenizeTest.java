package io.tandem.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.ImagePart;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.contract.encoder.v1.Parts;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens without states, over real gRPC. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class TokenizeTest {

    private static final int BOS = 2;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    private EncoderClient client;

    @BeforeEach
    void connect() {
        client = new EncoderClient(port);
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void aTextHasTheTokensThatTheEncoderReads() {
        String text = "France another total après \u2603 after?";
        List<Integer> read = client.encode(EncoderClient.text(text)).getPromptTokenIdsList();
        assertEquals(read, tokenize(text().setText(text)).getTokenIdsList());
        assertEquals(
                read, tokenize(text().setText(text).setAddSpecialTokens(true)).getTokenIdsList());
        assertEquals(BOS, read.getFirst());
        assertEquals(
                read.subList(1, read.size()),
                tokenize(text().setText(text).setAddSpecialTokens(false)).getTokenIdsList());
    }

    @Test
    void stringsStandForTokens() {
        String text = "France another total after?";
        TokenizeReply reply = tokenize(text().setText(text).setReturnTokenStrings(true));
        assertEquals(reply.getTokenIdsCount(), reply.getTokenStringsCount());
        assertEquals("<bos>", reply.getTokenStrings(0));
        assertEquals("<bos>" + text, String.join("", reply.getTokenStringsList()));
        assertEquals(0, tokenize(text().setText(text)).getTokenStringsCount());
    }

    @Test
    void aConversationHasTheReferencesTokens() throws IOException {
        for (GoldenCase golden : GoldenCases.open("chat").cases()) {
            JsonNode messages = golden.options().get("messages");
            if (golden.options().containsKey("error") || messages.toString().contains("\"image\"")) {
                continue;
            }
            List<Integer> expected = IntStream.of(
                            new ObjectMapper().treeToValue(golden.options().get("ids"), int[].class))
                    .boxed()
                    .toList();
            TokenizeRequest.Builder request = TokenizeRequest.newBuilder()
                    .setConversation(conversation(messages))
                    .setAddGenerationPrompt(
                            golden.options().get("add_generation_prompt").asBoolean());
            assertEquals(expected, tokenize(request).getTokenIdsList(), messages.toString());
            // The template writes <bos> itself.
            assertEquals(expected, tokenize(request.setAddSpecialTokens(false)).getTokenIdsList());
            List<Integer> twice = tokenize(request.setAddSpecialTokens(true)).getTokenIdsList();
            assertEquals(BOS, twice.getFirst());
            assertEquals(expected, twice.subList(1, twice.size()));
        }
    }

    @Test
    void tokensBecomeTheirText() {
        String text = "Grüße \u2603, France";
        List<Integer> tokens = tokenize(text().setText(text)).getTokenIdsList();
        assertEquals("<bos>" + text, detokenize(tokens));
        assertEquals(text, detokenize(tokens.subList(1, tokens.size())));
        assertEquals("", detokenize(List.of()));
        TandemException refusal =
                GrpcErrors.fromStatus(assertThrows(StatusRuntimeException.class, () -> detokenize(List.of(5, 512))));
        assertEquals(ErrorCode.INVALID_REQUEST, refusal.code());
        assertEquals("tokens", refusal.param().orElseThrow());
        assertEquals("token id 512 at position 1 is outside the vocabulary of 512 tokens", refusal.getMessage());
    }

    @Test
    void picturesHaveNoTokensBeforeTheyAreSeen() {
        Conversation picture = Conversation.newBuilder()
                .addMessages(Message.newBuilder()
                        .setRole("user")
                        .setParts(Parts.newBuilder()
                                .addParts(Part.newBuilder().setImage(ImagePart.getDefaultInstance()))))
                .build();
        TandemException refusal = GrpcErrors.fromStatus(assertThrows(
                StatusRuntimeException.class,
                () -> tokenize(TokenizeRequest.newBuilder().setConversation(picture))));
        assertEquals(ErrorCode.UNSUPPORTED_PARAMETER, refusal.code());
        assertEquals("messages", refusal.param().orElseThrow());
    }

    private TokenizeReply tokenize(TokenizeRequest.Builder request) {
        return client.blocking().tokenize(request.build());
    }

    private String detokenize(List<Integer> tokens) {
        return client.blocking()
                .detokenize(
                        DetokenizeRequest.newBuilder().addAllTokenIds(tokens).build())
                .getText();
    }

    private static TokenizeRequest.Builder text() {
        return TokenizeRequest.newBuilder();
    }

    private static Conversation conversation(JsonNode messages) {
        Conversation.Builder conversation = Conversation.newBuilder();
        for (JsonNode message : messages) {
            Message.Builder builder =
                    Message.newBuilder().setRole(message.get("role").asText());
            if (message.get("content").isTextual()) {
                builder.setText(message.get("content").asText());
            } else {
                Parts.Builder parts = Parts.newBuilder();
                message.get("content")
                        .forEach(part -> parts.addParts(
                                Part.newBuilder().setText(part.get("text").asText())));
                builder.setParts(parts);
            }
            conversation.addMessages(builder);
        }
        return conversation.build();
    }
}
