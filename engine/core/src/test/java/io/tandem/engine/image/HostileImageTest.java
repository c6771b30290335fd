package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are, decoding ends soon and either gives an image or says what is wrong with it. */
class HostileImageTest {

    private static final long SEED = 20260115;

    private static final int MUTATIONS = 150;

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final ImageDecoder DECODER = new ImageDecoder(new ImageLimits(1_000_000, "test.max-pixels"));

    static List<Path> files() throws IOException {
        return ImageFiles.madeAndGolden();
    }

    @ParameterizedTest
    @MethodSource("files")
    void refusesTruncatedFiles(Path path) throws IOException {
        byte[] file = Files.readAllBytes(path);
        int step = Math.max(1, file.length / 60);
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int length = 0; length < file.length; length += step) {
                byte[] truncated = Arrays.copyOf(file, length);
                boolean gif = path.toString().endsWith(".gif");
                if (gif) {
                    decodeOrRefuse(truncated);
                } else {
                    assertThrows(InvalidInputException.class, () -> DECODER.decode(truncated, "image"));
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("files")
    void survivesFlippedBytes(Path path) throws IOException {
        byte[] file = Files.readAllBytes(path);
        Random random = new Random(SEED);
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] mutated = file.clone();
                // Early bytes are headers, which do more harm.
                int reach = i % 2 == 0 ? file.length : Math.min(file.length, 80);
                for (int flips = random.nextInt(1, 5); flips > 0; flips--) {
                    mutated[random.nextInt(reach)] = (byte) random.nextInt(256);
                }
                decodeOrRefuse(path.toString().endsWith(".png") ? withRightChecksums(mutated) : mutated);
            }
        });
    }

    private static void decodeOrRefuse(byte[] file) {
        try {
            RgbImage image = DECODER.decode(file, "image");
            assertTrue(image.width() * image.height() <= 1_000_000);
        } catch (InvalidInputException e) {
            assertEquals("image", e.field());
        }
    }

    /** Lets a PNG's broken chunks pass the checksums, so that they reach the decoder. */
    private static byte[] withRightChecksums(byte[] png) {
        ByteBuffer buffer = ByteBuffer.wrap(png);
        for (int offset = 8; offset + 12 <= png.length; ) {
            int length = buffer.getInt(offset);
            if (length < 0 || length > png.length - offset - 12) {
                break;
            }
            CRC32 checksum = new CRC32();
            checksum.update(png, offset + 4, length + 4);
            buffer.putInt(offset + 8 + length, (int) checksum.getValue());
            offset += length + 12;
        }
        return png;
    }
}
