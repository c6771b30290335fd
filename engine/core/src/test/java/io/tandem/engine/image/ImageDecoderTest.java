package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kinds of files that the golden set lacks, against what Pillow decodes of them. */
class ImageDecoderTest {

    /** TwelveMonkeys' VP8 decoder neither predicts nor interpolates colours as libwebp does. */
    private static final int LOSSY_WEBP_LEVELS = 0;

    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.defaults("max-pixels"));

    static List<Path> files() throws IOException {
        List<Path> files = ImageFiles.made();
        assertEquals(26, files.size());
        return files;
    }

    @ParameterizedTest
    @MethodSource("files")
    void decodesAsPillowDoes(Path file) throws IOException {
        String name = file.getFileName().toString();
        RgbImage expected = DECODER.decode(ImageFiles.bytes(name + ImageFiles.DECODED), "expected");
        RgbImage actual = DECODER.decode(Files.readAllBytes(file), "image");

        assertEquals(expected.width(), actual.width());
        assertEquals(expected.height(), actual.height());
        int largest = 0;
        for (int i = 0; i < expected.rgb().length; i++) {
            largest = Math.max(largest, Math.abs((expected.rgb()[i] & 0xff) - (actual.rgb()[i] & 0xff)));
        }
        assertTrue(largest <= tolerance(name), "off by " + largest + " levels");
    }

    private static int tolerance(String name) {
        return name.contains("lossy.webp") ? LOSSY_WEBP_LEVELS : 0;
    }
}
