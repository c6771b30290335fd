package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decoding, resizing, cutting and normalising against what transformers' image processors made of the same files. */
class PreprocessGoldenTest {

    private static final int SIZE = 112;

    /** The reference clips 16-bit grey at 255, where we scale it. */
    private static final String DEEP_GREY = "grey16.png";

    /** JPEG decoders round differently. */
    private static final int JPEG_LEVELS = 3;

    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.defaults("max-pixels"));

    private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);

    static List<JsonNode> imageCases() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        golden().cases().forEach(cases::add);
        cases.removeIf(node -> !node.has("file"));
        assertEquals(9, cases.size(), "files in the golden set");
        return cases;
    }

    @ParameterizedTest
    @MethodSource("imageCases")
    void decodesAsPillowDoes(JsonNode golden) throws IOException {
        String name = golden.get("file").textValue();
        RgbImage expected =
                golden().image(golden.get("decoded").get(source(golden)).textValue());
        RgbImage actual = DECODER.decode(golden().file(name), "image");

        assertEquals(expected.width(), actual.width());
        assertEquals(expected.height(), actual.height());
        if (!name.equals(DEEP_GREY)) {
            int tolerance = name.endsWith(".jpg") ? JPEG_LEVELS : 0;
            assertWithin(tolerance, expected.rgb(), actual.rgb());
        }
    }

    @ParameterizedTest
    @MethodSource("imageCases")
    void resizesExactlyAsPillowDoes(JsonNode golden) throws IOException {
        for (String source : List.of("object", "path")) {
            // Given a path, the reference's PIL processor decodes a palette otherwise than "decoded" says.
            if (source.equals("path") && golden.get("file").textValue().equals("palette.png")) {
                continue;
            }
            RgbImage decoded = golden().image(golden.get("decoded").get(source).textValue());
            String resized = golden.get("resized").get(source + ".pil").textValue();
            byte[] actual =
                    PillowResize.resize(decoded, SIZE, ResampleFilter.BILINEAR).rgb();
            assertArrayEquals(golden().bytes(resized), channelFirst(actual));
        }
    }

    @ParameterizedTest
    @MethodSource("imageCases")
    void preparesWithinOneLevelOfTheReference(JsonNode golden) throws IOException {
        String name = golden.get("file").textValue();
        if (name.equals(DEEP_GREY)) {
            return;
        }
        RgbImage decoded = DECODER.decode(golden().file(name), "image");
        PreparedImage prepared = new ImageProcessor(config(Optional.empty()), SIZE).prepare(decoded);
        for (String backend : List.of("pil", "torchvision")) {
            // The reference blends a transparent palette image only when PIL handles it.
            if (backend.equals("torchvision") && name.equals("palette.png")) {
                continue;
            }
            assertViews(
                    golden.get("resized").get(source(golden) + "." + backend).textValue(), prepared);
        }
    }

    @Test
    void mapsLevelsToPixelValuesAsTheReferenceDoes() throws IOException {
        ImageProcessorConfig config = config(Optional.empty());
        for (String backend : List.of("pil", "torchvision")) {
            float[] expected = golden().floats("lut/" + backend);
            for (int level = 0; level < expected.length; level++) {
                assertEquals(expected[level], (float) config.pixelValue(0, level), 1e-6f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("imageCases")
    void cutsAsTheReferenceDoes(JsonNode golden) throws IOException {
        for (JsonNode scan : golden.get("pan_and_scan")) {
            RgbImage decoded = golden().image(golden.get("decoded")
                    .get(scan.get("source").textValue())
                    .textValue());
            PanAndScan panAndScan = new PanAndScan(
                    scan.get("pan_and_scan_min_crop_size").intValue(),
                    scan.get("pan_and_scan_max_num_crops").intValue(),
                    scan.get("pan_and_scan_min_ratio_to_activate").doubleValue());
            PreparedImage prepared = new ImageProcessor(config(Optional.of(panAndScan)), SIZE).prepare(decoded);
            assertEquals(scan.get("num_crops").intValue(), prepared.crops());
            assertViews(scan.get("array").textValue(), prepared);
        }
    }

    private static GoldenArrays golden() throws IOException {
        return GoldenArrays.in("preprocess");
    }

    /** We blend transparency as the reference does with an opened image, and heed orientation as it does with a path. */
    private static String source(JsonNode golden) {
        return golden.get("file").textValue().equals("exif.jpg") ? "path" : "object";
    }

    private static ImageProcessorConfig config(Optional<PanAndScan> panAndScan) {
        return new ImageProcessorConfig(SIZE, ResampleFilter.BILINEAR, 1 / 255.0, HALVES, HALVES, panAndScan);
    }

    /** Compares with an array of levels {@code [views, 3, size, size]}; one level is 2 / 255 of a pixel value. */
    private static void assertViews(String array, PreparedImage prepared) throws IOException {
        byte[] levels = golden().bytes(array);
        float[] pixelValues = golden().floats("lut/torchvision");
        int viewLength = 3 * SIZE * SIZE;
        assertEquals(levels.length / viewLength, prepared.views().size());
        for (int i = 0; i < levels.length; i++) {
            float expected = pixelValues[levels[i] & 0xff];
            float actual = prepared.views().get(i / viewLength)[i % viewLength];
            assertEquals(expected, actual, 2 / 255f + 1e-6f);
        }
    }

    private static void assertWithin(int levels, byte[] expected, byte[] actual) {
        int largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs((expected[i] & 0xff) - (actual[i] & 0xff)));
        }
        assertTrue(largest <= levels, "off by " + largest + " levels");
    }

    private static byte[] channelFirst(byte[] rgb) {
        byte[] planes = new byte[rgb.length];
        int pixels = rgb.length / 3;
        for (int i = 0; i < rgb.length; i++) {
            planes[i % 3 * pixels + i / 3] = rgb[i];
        }
        return planes;
    }
}
