package io.tandem.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.cache.ContentKey;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.ImagePart;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.contract.encoder.v1.Parts;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.vision.v1.Image;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the reference makes of texts, pictures and conversations, over real gRPC. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class EncoderGoldenTest {

    private static final GoldenCases GOLDEN = GoldenCases.open("multimodal");

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    StateStore store;

    private EncoderClient client;
    private GoldenPictures pictures;

    @BeforeEach
    void open() {
        client = new EncoderClient(port);
        pictures = new GoldenPictures();
    }

    @AfterEach
    void close() {
        client.close();
        pictures.close();
    }

    @Test
    void textsWithPicturesHaveTheReferencesTokensAndStates() {
        for (String name :
                List.of("no-image", "one-image", "two-images", "beam-image", "pan-and-scan", "prefix-image")) {
            GoldenCase golden = GOLDEN.named(name);
            List<Image> images = pictures.store(store, golden);
            EncodeReply reply = client.encode(
                    EncoderClient.text(golden.options().get("text").asText()).addAllImages(images));
            int[] expected = golden.tensor("input_ids").ints();
            assertArrayEquals(expected, ids(reply), name);
            assertEquals(1, reply.getSegmentsCount(), name);
            assertEquals(expected.length, reply.getSegments(0).getTokens(), name);
            assertEquals(4 * images.size(), reply.getSegments(0).getImageTokens(), name);
            if (golden.tensors().containsKey("encoder.out")) {
                assertStates(golden, reply);
            }
            // The same as token ids: pictures fill the soft tokens, and the key is the same.
            EncodeReply sameIds = client.encode(EncodeRequest.newBuilder()
                    .setTokenIds(EncoderClient.ids(expected))
                    .addAllImages(images));
            assertEquals(reply.getSegments(0).getKey(), sameIds.getSegments(0).getKey(), name);
            assertTrue(sameIds.getSegments(0).getCached(), name);
        }
    }

    @Test
    void documentsAreEncodedApart() {
        GoldenCase golden = GOLDEN.named("fusion-image");
        EncodeReply reply = client.encode(EncodeRequest.newBuilder()
                .addDocuments(document(golden, "document.0"))
                .addDocuments(document(golden, "document.1"))
                .addAllImages(pictures.store(store, golden)));
        assertEquals(2, reply.getSegmentsCount());
        assertEquals(0, reply.getPromptTokenIdsCount());
        assertStates(golden, reply);
    }

    @Test
    void conversationsAreRenderedAsTheTemplateSays() throws IOException {
        for (GoldenCase golden : GoldenCases.open("chat").cases()) {
            boolean generationPrompt =
                    golden.options().get("add_generation_prompt").asBoolean();
            JsonNode messages = golden.options().get("messages");
            if (!generationPrompt || messages.toString().contains("\"image\"")) {
                continue;
            }
            EncodeRequest.Builder request = EncodeRequest.newBuilder().setConversation(conversation(messages));
            if (golden.options().containsKey("error")) {
                TandemException refusal = client.refusal(request);
                assertEquals(ErrorCode.INVALID_REQUEST, refusal.code());
                assertEquals("messages", refusal.param().orElseThrow());
                assertTrue(
                        refusal.getMessage()
                                .contains(golden.options().get("error").asText()),
                        refusal.getMessage());
            } else {
                int[] expected = new ObjectMapper().treeToValue(golden.options().get("ids"), int[].class);
                assertArrayEquals(expected, ids(client.encode(request)), messages.toString());
            }
        }
    }

    @Test
    void picturesOfAConversationStandWhereItsPartsAre() {
        GoldenCase golden = GOLDEN.named("two-images");
        JsonNode messages = null;
        for (GoldenCase chat : GoldenCases.open("chat").cases()) {
            if (chat.options().get("messages").toString().split("\"image\"").length == 3) {
                messages = chat.options().get("messages");
            }
        }
        EncodeReply reply = client.encode(EncodeRequest.newBuilder()
                .setConversation(conversation(messages))
                .addAllImages(pictures.store(store, golden)));
        assertEquals(8, reply.getSegments(0).getImageTokens());
        assertEquals(8, Arrays.stream(ids(reply)).filter(id -> id == 465).count());
    }

    private void assertStates(GoldenCase golden, EncodeReply reply) {
        float[] expected = golden.tensor("encoder.out").floats();
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        FloatBuffer states = FloatBuffer.allocate(expected.length);
        for (Segment segment : reply.getSegmentsList()) {
            StateReader reader =
                    store.read(ContentKey.of(segment.getKey().toByteArray())).orElseThrow();
            reader.forEachChunk((data, firstRow, rows) ->
                    states.put(data, 0, rows * reader.manifest().columns()));
        }
        assertArrayEquals(expected, states.array(), 1e-4f * largest, golden.name());
    }

    private static Document document(GoldenCase golden, String tensor) {
        return Document.newBuilder()
                .setTokenIds(EncoderClient.ids(golden.tensor(tensor).ints()))
                .build();
    }

    private static Conversation conversation(JsonNode messages) {
        Conversation.Builder conversation = Conversation.newBuilder();
        for (JsonNode message : messages) {
            Message.Builder builder =
                    Message.newBuilder().setRole(message.get("role").asText());
            if (message.get("content").isTextual()) {
                builder.setText(message.get("content").asText());
            } else {
                builder.setParts(parts(message.get("content")));
            }
            conversation.addMessages(builder);
        }
        return conversation.build();
    }

    private static Parts parts(JsonNode content) {
        Parts.Builder parts = Parts.newBuilder();
        for (JsonNode part : content) {
            parts.addParts(
                    part.get("type").asText().equals("image")
                            ? Part.newBuilder().setImage(ImagePart.getDefaultInstance())
                            : Part.newBuilder().setText(part.get("text").asText()));
        }
        return parts.build();
    }

    private static int[] ids(EncodeReply reply) {
        return reply.getPromptTokenIdsList().stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
