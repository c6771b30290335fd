package io.tandem.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.EmbedInput;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbedRequest;
import io.tandem.contract.encoder.v1.EmbeddedText;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts as vectors, over real gRPC. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class EmbeddingTest {

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    MeterRegistry registry;

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
    void isTheMeanOfTheReferencesStates() {
        GoldenCase golden = GoldenCases.open("multimodal").named("no-image");
        int[] tokens = golden.tensor("input_ids").ints();
        float[] states = golden.tensor("encoder.out").floats();
        int columns = states.length / tokens.length;
        float[] expected = new float[columns];
        float largest = 0;
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < tokens.length; row++) {
                expected[column] += states[row * columns + column] / tokens.length;
            }
            largest = Math.max(largest, Math.abs(expected[column]));
        }
        EmbedReply reply = embed("", text(golden.options().get("text").asText()), ids(tokens));
        assertEquals(2, reply.getEmbeddingsCount());
        for (EmbeddedText embedding : reply.getEmbeddingsList()) {
            assertEquals(tokens.length, embedding.getTokens());
            assertArrayEquals(expected, values(embedding), 1e-4f * largest);
        }
    }

    @Test
    void whatWasReadBeforeIsNotReadAgain() {
        double before = tokensEncoded();
        EmbeddedText first = embed("", text("Embedded, then asked about")).getEmbeddings(0);
        assertFalse(first.getCached());
        assertEquals(first.getTokens(), tokensEncoded() - before);
        assertTrue(client.encode(EncoderClient.text("Embedded, then asked about"))
                .getSegments(0)
                .getCached());
        EmbeddedText second = embed("", text("Embedded, then asked about")).getEmbeddings(0);
        assertTrue(second.getCached());
        assertEquals(first.getValuesList(), second.getValuesList());
        assertEquals(first.getTokens(), tokensEncoded() - before);
        client.encode(EncoderClient.text("Asked about, then embedded"));
        assertTrue(
                embed("", text("Asked about, then embedded")).getEmbeddings(0).getCached());
        assertFalse(embed("other", text("Asked about, then embedded"))
                .getEmbeddings(0)
                .getCached());
    }

    @Test
    void longListsKeepTheirOrderAndEncodeEqualTextsOnce() {
        double before = tokensEncoded();
        EmbedInput[] inputs = IntStream.range(0, 40)
                .mapToObj(i -> text("Text number " + i % 20))
                .toArray(EmbedInput[]::new);
        EmbedReply reply = embed("", inputs);
        assertEquals(40, reply.getEmbeddingsCount());
        double tokens = 0;
        for (int i = 0; i < 20; i++) {
            tokens += reply.getEmbeddings(i).getTokens();
            assertEquals(
                    reply.getEmbeddings(i).getValuesList(),
                    reply.getEmbeddings(i + 20).getValuesList());
            assertEquals(
                    embed("", inputs[i]).getEmbeddings(0).getValuesList(),
                    reply.getEmbeddings(i).getValuesList());
        }
        assertEquals(
                20,
                IntStream.range(0, 20)
                        .mapToObj(i -> reply.getEmbeddings(i).getValuesList())
                        .distinct()
                        .count());
        assertEquals(tokens, tokensEncoded() - before);
    }

    @Test
    void anInputThatCannotBeReadIsNamed() {
        assertRefused(ErrorCode.INVALID_REQUEST, "a text", text(""));
        assertRefused(ErrorCode.INVALID_REQUEST, "a text", text("<start_of_image>"));
        assertRefused(ErrorCode.INVALID_REQUEST, "ids", ids());
        assertRefused(ErrorCode.INVALID_REQUEST, "ids", ids(2, 512));
        assertRefused(
                ErrorCode.INVALID_REQUEST,
                "neither",
                EmbedInput.newBuilder().setField("neither").build());
        int[] long201 = IntStream.generate(() -> 10).limit(201).toArray();
        TandemException refusal = assertRefused(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "ids", ids(long201));
        assertEquals(
                "the request has 201 encoder tokens, limit 200; shorten it or raise tandem.encoder.max-tokens",
                refusal.getMessage());
    }

    private TandemException assertRefused(ErrorCode code, String field, EmbedInput input) {
        TandemException refusal = GrpcErrors.fromStatus(
                assertThrows(StatusRuntimeException.class, () -> embed("", text("nothing is wrong with it"), input)));
        assertEquals(code, refusal.code(), refusal.getMessage());
        assertEquals(field, refusal.param().orElseThrow(), refusal.getMessage());
        return refusal;
    }

    private EmbedReply embed(String tenant, EmbedInput... inputs) {
        return client.blocking()
                .embed(EmbedRequest.newBuilder()
                        .setTenant(tenant)
                        .addAllInputs(List.of(inputs))
                        .build());
    }

    private double tokensEncoded() {
        return registry.get("tandem.encoder.tokens.encoded").counter().count();
    }

    private static EmbedInput text(String text) {
        return EmbedInput.newBuilder().setField("a text").setText(text).build();
    }

    private static EmbedInput ids(int... ids) {
        return EmbedInput.newBuilder()
                .setField("ids")
                .setTokenIds(EncoderClient.ids(ids))
                .build();
    }

    private static float[] values(EmbeddedText embedding) {
        float[] values = new float[embedding.getValuesCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = embedding.getValues(i);
        }
        return values;
    }
}
