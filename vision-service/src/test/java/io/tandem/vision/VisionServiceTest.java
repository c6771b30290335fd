package io.tandem.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.cache.ContentKey;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import jakarta.inject.Inject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service over real gRPC, with the golden multimodal checkpoint. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class VisionServiceTest {

    private static final String FIELD = "messages[0].content[1]";
    private static final GoldenCases GOLDEN = GoldenCases.open("multimodal");

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    StateStore store;

    @Inject
    MeterRegistry registry;

    @Inject
    VisionBeans vision;

    private VisionClient client;

    @BeforeEach
    void connect() {
        client = new VisionClient(port);
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void softTokensAreThoseOfTheReference() throws IOException {
        GoldenCase golden = GOLDEN.named("two-images");
        float[] features = golden.tensor("vision.features").floats();
        int length = features.length / 2;
        for (int i = 0; i < 2; i++) {
            EncodeReply reply = client.encode(goldenFile("two-images", i));
            assertEquals(1, reply.getImage().getViews());
            float[] expected = Arrays.copyOfRange(features, i * length, (i + 1) * length);
            // The reference resized with torchvision, which differs from Pillow by a level here and there.
            double cosine = cosine(expected, softTokens(reply));
            assertTrue(cosine >= 0.9999, "cosine " + cosine);
        }
    }

    @Test
    void theSecondTimeTheHeaderAloneIsAnswered() {
        byte[] file = picture(1, 40, 30);
        EncodeReply first = client.encode(file);
        assertFalse(first.getCached());
        double encoded = imagesEncoded();

        VisionClient.Upload upload = client.begin();
        upload.header(VisionClient.header(file).build());
        EncodeReply second = upload.reply();
        assertTrue(second.getCached());
        assertEquals(first.getImage(), second.getImage());
        assertEquals(encoded, imagesEncoded());
    }

    @Test
    void anotherTenantDoesNotFindThem() {
        byte[] file = picture(2, 40, 30);
        client.encode(file);
        EncodeReply other = client.send(
                        VisionClient.header(file).setTenant("other").build(), file)
                .reply();
        assertFalse(other.getCached());
    }

    @Test
    void equalPicturesAtTheSameTimeAreEncodedOnce() {
        byte[] file = picture(3, 100, 100);
        double before = imagesEncoded();
        List<VisionClient.Upload> uploads = IntStream.range(0, 16)
                .mapToObj(i -> client.send(VisionClient.header(file).build(), file))
                .toList();
        List<EncodeReply> replies =
                uploads.stream().map(VisionClient.Upload::reply).toList();
        assertEquals(1, imagesEncoded() - before);
        assertEquals(1, replies.stream().filter(reply -> !reply.getCached()).count());
        assertEquals(1, replies.stream().map(EncodeReply::getImage).distinct().count());
    }

    @Test
    void aFileThatIsTooLargeIsRefusedByItsHeader() {
        VisionClient.Upload upload = client.begin();
        upload.header(
                VisionClient.header(picture(4, 10, 10)).setByteLength(65_537).build());
        assertRefused(
                upload,
                ErrorCode.PAYLOAD_TOO_LARGE,
                "the picture has 65,537 bytes, limit 65,536; send a smaller file or raise tandem.vision.max-image-bytes");
    }

    @Test
    void tooManyPixelsAreRefusedBeforeDecoding() {
        byte[] file = picture(5, 200, 101);
        assertRefused(
                client.send(VisionClient.header(file).build(), file),
                ErrorCode.INVALID_IMAGE,
                "the image is 200 x 101 pixels, 20,200 in all, limit 20,000; scale it down or raise"
                        + " tandem.vision.max-image-pixels");
    }

    @Test
    void aBrokenPictureIsRefusedWithItsField() {
        byte[] noise = "no picture at all".getBytes(StandardCharsets.UTF_8);
        TandemException unknown =
                client.send(VisionClient.header(noise).build(), noise).refusal();
        assertEquals(ErrorCode.INVALID_IMAGE, unknown.code());
        assertEquals(FIELD, unknown.param().orElseThrow());

        byte[] whole = picture(6, 50, 50);
        byte[] truncated = Arrays.copyOf(whole, whole.length / 2);
        TandemException broken =
                client.send(VisionClient.header(truncated).build(), truncated).refusal();
        assertEquals(ErrorCode.INVALID_IMAGE, broken.code());
        assertEquals(FIELD, broken.param().orElseThrow());
    }

    @Test
    void whatComesMustBeWhatWasAnnounced() {
        byte[] file = picture(7, 30, 30);
        int length = file.length;
        byte[] wrong = file.clone();
        wrong[length - 1] ^= 1;
        assertRefused(
                client.send(VisionClient.header(file).build(), wrong),
                ErrorCode.INVALID_REQUEST,
                "the header's sha256 is not that of the bytes that came");
        assertRefused(
                client.send(VisionClient.header(file).setByteLength(length + 1).build(), file),
                ErrorCode.INVALID_REQUEST,
                "the header announced %,d bytes, %,d came".formatted(length + 1, length));
        assertEquals(
                ErrorCode.INVALID_REQUEST,
                client.send(VisionClient.header(file).setByteLength(length - 1).build(), file)
                        .refusal()
                        .code());
        assertRefused(
                client.send(
                        VisionClient.header(file)
                                .setSha256(ByteString.copyFromUtf8("short"))
                                .build(),
                        file),
                ErrorCode.INVALID_REQUEST,
                "the header's sha256 has 5 bytes, must have 32");
    }

    @Test
    void cancelledAndLateUploadsAreForgotten() {
        byte[] file = picture(8, 30, 30);
        double cancelled = outcomes("cancelled");
        double late = outcomes("deadline_exceeded");
        VisionClient.Upload upload = client.begin();
        upload.header(VisionClient.header(file).build());
        await(() -> vision.state().active() == 1);
        upload.cancel();
        await(() -> vision.state().active() == 0);
        assertEquals(1, outcomes("cancelled") - cancelled);

        VisionClient.Upload slow = client.begin(300);
        slow.header(VisionClient.header(file).build());
        assertEquals(ErrorCode.DEADLINE_EXCEEDED, slow.refusal().code());
        await(() -> vision.state().active() == 0);
        assertEquals(1, outcomes("cancelled") + outcomes("deadline_exceeded") - cancelled - 1 - late);

        assertFalse(client.encode(file).getCached());
    }

    @Test
    void theStandardHealthServiceKnowsTheService() {
        HealthCheckRequest request = HealthCheckRequest.newBuilder()
                .setService(VisionServiceGrpc.SERVICE_NAME)
                .build();
        assertEquals(
                HealthCheckResponse.ServingStatus.SERVING,
                HealthGrpc.newBlockingStub(client.channel()).check(request).getStatus());
        assertTrue(vision.state().isReady());
    }

    private static void assertRefused(VisionClient.Upload upload, ErrorCode code, String message) {
        TandemException refusal = upload.refusal();
        assertEquals(message, refusal.getMessage());
        assertEquals(code, refusal.code());
        assertEquals(FIELD, refusal.param().orElseThrow());
    }

    private float[] softTokens(EncodeReply reply) {
        ContentKey key = ContentKey.of(reply.getImage().getSoftTokenKey().toByteArray());
        StateReader reader = store.read(key).orElseThrow();
        float[] all = new float[reader.manifest().rows() * reader.manifest().columns()];
        reader.forEachChunk((data, firstRow, rows) -> System.arraycopy(
                data,
                0,
                all,
                firstRow * reader.manifest().columns(),
                rows * reader.manifest().columns()));
        return all;
    }

    private double imagesEncoded() {
        return registry.get("tandem.vision.images.encoded").counter().count();
    }

    private double outcomes(String outcome) {
        return registry.find("tandem.vision.requests").tag("outcome", outcome).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static byte[] goldenFile(String name, int image) throws IOException {
        return Files.readAllBytes(GOLDEN.folder().resolve("images/" + name + "-" + image + ".png"));
    }

    private static double cosine(float[] one, float[] other) {
        assertEquals(one.length, other.length);
        double product = 0;
        double squaresOfOne = 0;
        double squaresOfOther = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * other[i];
            squaresOfOne += (double) one[i] * one[i];
            squaresOfOther += (double) other[i] * other[i];
        }
        return product / Math.sqrt(squaresOfOne * squaresOfOther);
    }

    /** A picture that no other seed gives. */
    private static byte[] picture(int seed, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, (x * 31 + y * 17 + seed * 1001) * 2654435 & 0xffffff);
            }
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it did not happen within 20 s");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
