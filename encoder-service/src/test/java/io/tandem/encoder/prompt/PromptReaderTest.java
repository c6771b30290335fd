package io.tandem.encoder.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.cache.ContentKey;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.vision.v1.Image;
import io.tandem.encoder.FreePort;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.PromptExpansion;
import io.tandem.engine.text.Tokenizer;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Inside the application, as the tokenizer's native library loads into one class loader of a JVM only. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
class PromptReaderTest {

    private static final PromptReader.Vocabulary VOCABULARY = new PromptReader.Vocabulary(512, 465, 4);

    @Inject
    Tokenizer tokenizer;

    @Test
    void aPictureWithCropsTakesAPlaceForEachView() {
        PromptReader reader = reader(PromptExpansion.of(tokenizer.specialTokens(), 4), new PromptLimits(512, 400));
        SegmentText prompt = reader.read(EncodeRequest.newBuilder()
                        .setText("<start_of_image> what is it?")
                        .addImages(image(3))
                        .build())
                .prompt()
                .orElseThrow();
        assertEquals(3, prompt.spans().size());
        assertEquals(12, prompt.imageTokens());
        assertEquals(
                12, Arrays.stream(prompt.tokens()).filter(token -> token == 465).count());
    }

    @Test
    void aModelWithoutImageSettingsRefusesPictures() {
        TandemException refusal =
                assertThrows(TandemException.class, () -> reader(Optional.empty(), new PromptLimits(512, 400))
                        .read(EncodeRequest.newBuilder()
                                .setText("x")
                                .addImages(image(1))
                                .build()));
        assertEquals(ErrorCode.UNSUPPORTED_PARAMETER, refusal.code());
        assertEquals("images[0]", refusal.param().orElseThrow());
    }

    @Test
    void anotherTemplateRendersTheConversation() {
        ChatTemplate template =
                ChatTemplate.ofSource("{{ messages[0]['content'] }}, politely", tokenizer.specialTokens());
        PromptReader reader =
                new PromptReader(tokenizer, template, Optional.empty(), VOCABULARY, new PromptLimits(512, 400));
        Message message =
                Message.newBuilder().setRole("user").setText("Answer me").build();
        PromptReader.Prompt prompt = reader.read(EncodeRequest.newBuilder()
                .setConversation(Conversation.newBuilder().addMessages(message))
                .build());
        assertArrayEquals(
                tokenizer.encode("Answer me, politely"),
                prompt.prompt().orElseThrow().tokens());
    }

    @Test
    void theModelsContextIsNoSettingToRaise() {
        TandemException refusal =
                assertThrows(TandemException.class, () -> reader(Optional.empty(), new PromptLimits(3, 400))
                        .read(EncodeRequest.newBuilder()
                                .setText("more than three tokens")
                                .build()));
        assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, refusal.code());
        int tokens = tokenizer.encode("more than three tokens").length;
        assertEquals(
                "the request has " + tokens + " encoder tokens, limit 3; that is the model's context; shorten it",
                refusal.getMessage());
    }

    private PromptReader reader(Optional<PromptExpansion> expansion, PromptLimits limits) {
        return new PromptReader(
                tokenizer, ChatTemplate.plain(tokenizer.specialTokens()), expansion, VOCABULARY, limits);
    }

    private static Image image(int views) {
        ByteString name = ByteString.copyFrom(new byte[ContentKey.LENGTH]);
        return Image.newBuilder()
                .setSha256(name)
                .setSoftTokenKey(name)
                .setViews(views)
                .build();
    }
}
