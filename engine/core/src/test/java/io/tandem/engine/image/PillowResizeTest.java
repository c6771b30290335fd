package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the golden set lacks: the bicubic filter, and images at the limits. Its bilinear cases are tested with it. */
class PillowResizeTest {

    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.defaults("max-pixels"));

    @Test
    void resizesBicubicallyAsPillowDoes() {
        RgbImage wide = decode("noisy-lossy.webp");
        RgbImage tall = Orientation.QUARTER_TURN_LEFT.turnUpright(wide);
        assertResized("noisy-lossy.webp.bicubic.rgb.png", wide);
        assertResized("noisy-lossy.webp.tall-bicubic.rgb.png", tall);
    }

    @Test
    void keepsAnImageOfTheRightSize() {
        RgbImage image = decode("noisy-lossy.webp").crop(0, 0, 60, 60);
        assertEquals(image, PillowResize.resize(image, 60, ResampleFilter.BILINEAR));
        assertEquals(image, PillowResize.resize(image, 60, ResampleFilter.BICUBIC));
    }

    @Test
    void resizesTheLongestSideThatIsAccepted() {
        byte[] rgb = new byte[ImageLimits.MAX_SIDE * 3];
        Arrays.fill(rgb, (byte) 200);
        byte[] expected = new byte[8 * 8 * 3];
        Arrays.fill(expected, (byte) 200);
        RgbImage wide = new RgbImage(ImageLimits.MAX_SIDE, 1, rgb);
        RgbImage tall = new RgbImage(1, ImageLimits.MAX_SIDE, rgb);
        assertArrayEquals(
                expected, PillowResize.resize(wide, 8, ResampleFilter.BILINEAR).rgb());
        assertArrayEquals(
                expected, PillowResize.resize(tall, 8, ResampleFilter.BILINEAR).rgb());
    }

    private static void assertResized(String expected, RgbImage source) {
        assertEquals(decode(expected), PillowResize.resize(source, 60, ResampleFilter.BICUBIC));
    }

    private static RgbImage decode(String name) {
        return DECODER.decode(ImageFiles.bytes(name), name);
    }
}
