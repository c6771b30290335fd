package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kinds of files that the golden set lacks, to the bit against what Pillow decodes of them. */
class ImageDecoderTest {

    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.defaults("max-pixels"));

    static List<Path> files() throws IOException {
        List<Path> files = ImageFiles.made();
        assertEquals(27, files.size());
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
        assertArrayEquals(expected.rgb(), actual.rgb());
    }
}
