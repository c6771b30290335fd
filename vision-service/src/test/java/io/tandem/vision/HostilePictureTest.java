package io.tandem.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures that somebody broke on purpose, through the service: each is encoded or refused as a picture, and none stays. */
@QuarkusTest
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class HostilePictureTest {

    private static final long SEED = 20260401;
    private static final int MUTATIONS = 60;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    VisionBeans vision;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two-bit-palette.png",
                "translucent-palette.png",
                "progressive.jpg",
                "ycck.jpg",
                "lossy.webp",
                "translucent-lossless.webp",
                "palette.gif",
                "animated.gif"
            })
    void mutationsAreEncodedOrRefusedAsPictures(String name) throws IOException {
        byte[] file = file(name);
        Random random = new Random(SEED + name.hashCode());
        try (VisionClient client = new VisionClient(port)) {
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] mutated = mutated(file, random);
                try {
                    assertTrue(client.encode(mutated).getImage().getViews() >= 1);
                } catch (TandemException refusal) {
                    assertEquals(ErrorCode.INVALID_IMAGE, refusal.code(), name + ", mutation " + i + ": " + refusal);
                    assertEquals("messages[0].content[1]", refusal.param().orElseThrow());
                }
            }
            client.encode(file);
        }
        awaitIdle();
    }

    @Test
    void manyAtATimeLeaveNothing() throws IOException {
        byte[] file = file("progressive.jpg");
        Random random = new Random(SEED);
        try (VisionClient client = new VisionClient(port)) {
            VisionClient.Upload[] uploads = new VisionClient.Upload[32];
            for (int i = 0; i < uploads.length; i++) {
                byte[] truncated = Arrays.copyOf(file, random.nextInt(1, file.length - 2));
                uploads[i] = client.send(VisionClient.header(truncated).build(), truncated);
            }
            for (VisionClient.Upload upload : uploads) {
                assertEquals(ErrorCode.INVALID_IMAGE, upload.refusal().code());
            }
            // As if one had been begun and then forgotten.
            VisionClient.Upload forgotten = client.begin(500);
            forgotten.header(VisionClient.header(file)
                    .setSha256(ByteString.copyFrom(new byte[32]))
                    .build());
            assertEquals(ErrorCode.DEADLINE_EXCEEDED, forgotten.refusal().code());
        }
        awaitIdle();
    }

    /** Flipped, overwritten, cut, doubled or filled up; early bytes more often, as headers do more harm. */
    private static byte[] mutated(byte[] file, Random random) {
        byte[] mutated = file.clone();
        int reach = random.nextBoolean() ? mutated.length : Math.min(mutated.length, 64);
        for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
            mutated[random.nextInt(reach)] = (byte) random.nextInt(256);
        }
        int begin = random.nextInt(reach);
        int end = Math.min(mutated.length, begin + random.nextInt(1, 64));
        switch (random.nextInt(6)) {
            case 0 -> Arrays.fill(mutated, begin, end, (byte) 0xff);
            case 1 -> Arrays.fill(mutated, begin, end, (byte) 0);
            case 2 -> mutated = Arrays.copyOf(mutated, random.nextInt(1, mutated.length));
            case 3 -> System.arraycopy(file, 0, mutated, begin, Math.min(file.length, mutated.length - begin));
            default -> {
                // The flipped bytes alone.
            }
        }
        return mutated;
    }

    private void awaitIdle() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (vision.state().active() != 0) {
            assertTrue(System.nanoTime() < end, "calls are still under way after 20 s");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static byte[] file(String name) throws IOException {
        return Files.readAllBytes(Path.of(System.getProperty("tandem.root"))
                .resolve("engine/core/src/test/resources/io/tandem/engine/image")
                .resolve(name));
    }
}
