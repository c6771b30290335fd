package io.tandem.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ForgetRequest;
import io.tandem.contract.encoder.v1.ImagePart;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.encoder.v1.Part;
import io.tandem.contract.encoder.v1.Parts;
import io.tandem.contract.encoder.v1.Window;
import io.tandem.contract.model.v1.IdentifyReply;
import io.tandem.contract.model.v1.IdentifyRequest;
import io.tandem.contract.model.v1.ModelServiceGrpc;
import io.tandem.contract.vision.v1.Image;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Caching, documents and refusals, over real gRPC. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class EncoderServiceTest {

    private static final int IMAGE_TOKEN = 465;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    MeterRegistry registry;

    @Inject
    EncoderBeans encoder;

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
    void whatIsForgottenIsEncodedAgain() {
        EncodeRequest.Builder request = EncoderClient.text("Forget me");
        EncodeReply first = client.encode(request);
        assertTrue(client.encode(request).getSegments(0).getCached());
        client.blocking()
                .forget(ForgetRequest.newBuilder()
                        .addKeys(first.getSegments(0).getKey())
                        .build());
        EncodeReply again = client.encode(request);
        assertFalse(again.getSegments(0).getCached());
        assertEquals(first.getSegments(0).getKey(), again.getSegments(0).getKey());
    }

    @Test
    void windowsOfADocumentAreWhatItIsEncodedIn() {
        String text = "A sentence of some words. ".repeat(40);
        CutDocumentReply cut = client.blocking()
                .cutDocument(CutDocumentRequest.newBuilder().setText(text).build());
        ModelDescription model = client.blocking().describeModel(DescribeModelRequest.getDefaultInstance());
        assertEquals(model.getDocumentCut(), cut.getDocumentCut());
        assertTrue(cut.getWindowsCount() > 1);
        for (Window window : cut.getWindowsList()) {
            EncodeReply encoded = client.encode(EncodeRequest.newBuilder()
                    .addDocuments(EncoderClient.document("", text.substring(window.getStart(), window.getEnd()))));
            assertEquals(window.getTokens(), encoded.getSegments(0).getTokens());
        }
    }

    @Test
    void theSecondTimeNothingIsEncoded() {
        EncodeReply first = client.encode(EncoderClient.text("The second time"));
        assertFalse(first.getSegments(0).getCached());
        double encoded = tokensEncoded();
        EncodeReply second = client.encode(EncoderClient.text("The second time"));
        assertTrue(second.getSegments(0).getCached());
        assertEquals(first.getSegments(0).getKey(), second.getSegments(0).getKey());
        assertEquals(encoded, tokensEncoded());
        assertNotEquals(
                first.getSegments(0).getKey(),
                client.encode(EncoderClient.text("The second time").setTenant("other"))
                        .getSegments(0)
                        .getKey());
    }

    @Test
    void equalTextsAtTheSameTimeAreEncodedOnce() throws Exception {
        double before = tokensEncoded();
        List<ListenableFuture<EncodeReply>> replies = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            replies.add(client.begin(EncoderClient.text("Sixteen at the same time")));
        }
        int fresh = 0;
        int tokens = 0;
        for (ListenableFuture<EncodeReply> reply : replies) {
            fresh += reply.get().getSegments(0).getCached() ? 0 : 1;
            tokens = reply.get().getSegments(0).getTokens();
        }
        assertEquals(1, fresh);
        assertEquals(tokens, tokensEncoded() - before);
    }

    @Test
    void documentsAreSegmentsOfTheirOwn() {
        EncodeRequest.Builder request = EncoderClient.text("What now?")
                .addDocuments(EncoderClient.document("A title", "and a text"))
                .addDocuments(EncoderClient.document("", "no title"));
        EncodeReply reply = client.encode(request);
        assertEquals(3, reply.getSegmentsCount());
        // A document is what its joined text would be as a prompt.
        EncodeReply joined = client.encode(EncoderClient.text("A title\nand a text"));
        assertEquals(joined.getSegments(0).getKey(), reply.getSegments(0).getKey());
        assertTrue(joined.getSegments(0).getCached());
        assertEquals(reply.getSegments(2).getTokens(), reply.getPromptTokenIdsCount());
        assertEquals(reply.getPromptTokenIdsList(), reply.getSegments(2).getTokenIdsList());
        assertEquals(joined.getPromptTokenIdsList(), reply.getSegments(0).getTokenIdsList());

        EncodeReply other = client.encode(request.setText("What then?"));
        assertEquals(
                List.of(true, true, false),
                other.getSegmentsList().stream()
                        .map(segment -> segment.getCached())
                        .toList());
    }

    @Test
    void anEmptyPromptNeedsDocuments() {
        EncodeReply reply =
                client.encode(EncoderClient.text("").addDocuments(EncoderClient.document("", "a document alone")));
        assertEquals(1, reply.getSegmentsCount());
        assertEquals(0, reply.getPromptTokenIdsCount());
        assertRefused(EncoderClient.text(""), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(EncodeRequest.newBuilder(), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(EncodeRequest.newBuilder().setTokenIds(EncoderClient.ids()), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(
                EncoderClient.text("x").addDocuments(EncoderClient.document("", "")),
                ErrorCode.INVALID_REQUEST,
                "documents[0].text");
    }

    @Test
    void tokenIdsMustBeInTheVocabulary() {
        TandemException refusal = assertRefused(
                EncodeRequest.newBuilder().setTokenIds(EncoderClient.ids(2, 512)), ErrorCode.INVALID_REQUEST, "prompt");
        assertEquals("token id 512 at position 1 is outside the vocabulary of 512 tokens", refusal.getMessage());
        assertRefused(
                EncoderClient.text("x").addDocuments(Document.newBuilder().setTokenIds(EncoderClient.ids(2, -1))),
                ErrorCode.INVALID_REQUEST,
                "documents[0].token_ids");
    }

    @Test
    void picturesMustFillTheirPlacesExactly() {
        assertRefused(EncoderClient.text("<start_of_image> one"), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(
                EncoderClient.text("none").addImages(GoldenPictures.missing("a")), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(
                EncodeRequest.newBuilder().setTokenIds(EncoderClient.ids(2, 10)).addImages(GoldenPictures.missing("a")),
                ErrorCode.INVALID_REQUEST,
                "images[0]");
        int[] threeSoftTokens = {2, IMAGE_TOKEN, IMAGE_TOKEN, IMAGE_TOKEN};
        assertRefused(
                EncodeRequest.newBuilder()
                        .setTokenIds(EncoderClient.ids(threeSoftTokens))
                        .addImages(GoldenPictures.missing("a")),
                ErrorCode.INVALID_REQUEST,
                "prompt");
        assertRefused(EncoderClient.text("a <image_soft_token>"), ErrorCode.INVALID_REQUEST, "prompt");
        assertRefused(
                EncoderClient.text("x").addDocuments(EncoderClient.document("", "<image_soft_token>")),
                ErrorCode.INVALID_REQUEST,
                "documents[0].text");
        Conversation twoParts = Conversation.newBuilder()
                .addMessages(Message.newBuilder()
                        .setRole("user")
                        .setParts(Parts.newBuilder()
                                .addParts(Part.newBuilder().setImage(ImagePart.getDefaultInstance()))
                                .addParts(Part.newBuilder().setText("what is it?"))))
                .build();
        assertRefused(EncodeRequest.newBuilder().setConversation(twoParts), ErrorCode.INVALID_REQUEST, "messages");
    }

    @Test
    void softTokensThatAreGoneAreALostState() {
        TandemException refusal =
                client.refusal(EncoderClient.text("<start_of_image> gone").addImages(GoldenPictures.missing("gone")));
        assertEquals(ErrorCode.STATE_LOST, refusal.code());
    }

    @Test
    void softTokensOfAnotherModelAreRefused() {
        Image foreign = GoldenPictures.missing("foreign").toBuilder()
                .setModel("another")
                .build();
        TandemException refusal =
                client.refusal(EncoderClient.text("<start_of_image> foreign").addImages(foreign));
        assertEquals(ErrorCode.MODEL_MISMATCH, refusal.code());
        assertTrue(refusal.getMessage().contains("another"), refusal.getMessage());
    }

    @Test
    void everyReplySaysWhichModelMadeIt() {
        ModelDescription description = client.blocking().describeModel(DescribeModelRequest.getDefaultInstance());
        assertTrue(description.getModel().startsWith(description.getFingerprint()), description.getModel());
        EncodeReply reply = client.encode(EncoderClient.text("who was it?"));
        assertEquals(description.getModel(), reply.getModel());
        IdentifyReply identity =
                ModelServiceGrpc.newBlockingStub(client.channel()).identify(IdentifyRequest.getDefaultInstance());
        assertEquals(description.getModel(), identity.getModel());
    }

    @Test
    void aRequestThatIsTooLongNamesBothNumbersAndTheSetting() {
        int[] ids = IntStream.generate(() -> 10).limit(150).toArray();
        TandemException refusal = assertRefused(
                EncodeRequest.newBuilder()
                        .setTokenIds(EncoderClient.ids(ids))
                        .addDocuments(Document.newBuilder().setTokenIds(EncoderClient.ids(ids))),
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                "prompt");
        assertEquals(
                "the request has 300 encoder tokens, limit 200; shorten it or raise tandem.encoder.max-tokens",
                refusal.getMessage());
    }

    @Test
    void theModelIsDescribed() {
        ModelDescription description = client.blocking().describeModel(DescribeModelRequest.getDefaultInstance());
        assertEquals(200, description.getMaxEncoderTokens());
        assertEquals(512, description.getVocabularySize());
        assertEquals(4, description.getTokensPerImage());
        assertTrue(description.getImages());
        assertEquals("cpu", description.getBackend());
        assertEquals(64, description.getFingerprint().length());
    }

    @Test
    void theStandardHealthServiceKnowsTheService() {
        HealthCheckRequest request = HealthCheckRequest.newBuilder()
                .setService(EncoderServiceGrpc.SERVICE_NAME)
                .build();
        assertEquals(
                HealthCheckResponse.ServingStatus.SERVING,
                HealthGrpc.newBlockingStub(client.channel()).check(request).getStatus());
        assertTrue(encoder.state().isReady());
    }

    private TandemException assertRefused(EncodeRequest.Builder request, ErrorCode code, String field) {
        TandemException refusal = client.refusal(request);
        assertEquals(code, refusal.code(), refusal.getMessage());
        assertEquals(field, refusal.param().orElseThrow(), refusal.getMessage());
        return refusal;
    }

    private double tokensEncoded() {
        return registry.get("tandem.encoder.tokens.encoded").counter().count();
    }
}
