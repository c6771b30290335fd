package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageProcessorConfigTest {

    private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);

    @TempDir
    private Path directory;

    @Test
    void readsTheGoldenCheckpoint() throws IOException {
        ImageProcessorConfig config =
                ImageProcessorConfig.read(GoldenArrays.in("multimodal").folder());
        assertEquals(56, config.size());
        assertEquals(ResampleFilter.BILINEAR, config.filter());
        assertEquals(HALVES, config.mean());
        assertEquals(HALVES, config.std());
        assertEquals(Optional.empty(), config.panAndScan());
    }

    @Test
    void takesTheReferencesDefaults() throws IOException {
        assertEquals(
                new ImageProcessorConfig(224, ResampleFilter.BILINEAR, 1 / 255.0, HALVES, HALVES, Optional.empty()),
                read("{}"));
        assertEquals(
                Optional.of(new PanAndScan(256, 4, 1.2)),
                read("{\"do_pan_and_scan\": true}").panAndScan());
    }

    @Test
    void readsEverySetting() throws IOException {
        ImageProcessorConfig config = read("""
                {"size": {"height": 896, "width": 896}, "resample": 3, "rescale_factor": 0.5,
                 "image_mean": [1, 2, 3], "image_std": [4, 5, 6], "do_pan_and_scan": true,
                 "pan_and_scan_min_crop_size": 10, "pan_and_scan_max_num_crops": 2,
                 "pan_and_scan_min_ratio_to_activate": 1.5}""");
        assertEquals(
                new ImageProcessorConfig(
                        896,
                        ResampleFilter.BICUBIC,
                        0.5,
                        List.of(1.0, 2.0, 3.0),
                        List.of(4.0, 5.0, 6.0),
                        Optional.of(new PanAndScan(10, 2, 1.5))),
                config);
        assertEquals((7 * 0.5 - 2) / 5, config.pixelValue(1, 7));
        ImageProcessorConfig raw = read("{\"do_rescale\": false, \"do_normalize\": false}");
        assertEquals(7, raw.pixelValue(1, 7));
    }

    @Test
    void readsTheProcessorFileOfNewerCheckpoints() throws IOException {
        Files.writeString(directory.resolve("processor_config.json"), "{\"image_processor\": {\"size\": 48}}");
        assertEquals(48, ImageProcessorConfig.read(directory).size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"size\": {\"height\": 10, \"width\": 11}}",
                "{\"size\": {\"shortest_edge\": 10}}",
                "{\"size\": 0}",
                "{\"resample\": 0}",
                "{\"do_resize\": false}",
                "{\"do_convert_rgb\": false}",
                "{\"do_rescale\": 1}",
                "{\"image_mean\": [0.5]}",
                "{\"image_std\": [0, 1, 1]}",
                "{\"rescale_factor\": \"x\"}",
                "{\"do_pan_and_scan\": true, \"pan_and_scan_max_num_crops\": 0}",
                "[]",
                "{"
            })
    void refusesWhatCannotBeDone(String json) {
        CheckpointException refusal = assertThrows(CheckpointException.class, () -> read(json));
        assertTrue(refusal.getMessage().contains("preprocessor_config.json"), refusal.getMessage());
    }

    @Test
    void refusesMissingFiles() {
        assertThrows(CheckpointException.class, () -> ImageProcessorConfig.read(directory));
    }

    @Test
    void refusesAnotherSizeThanTheTowerReads() throws IOException {
        ImageProcessorConfig config = read("{\"size\": 56}");
        CheckpointException refusal = assertThrows(CheckpointException.class, () -> new ImageProcessor(config, 112));
        assertTrue(refusal.getMessage().contains("56") && refusal.getMessage().contains("112"), refusal.getMessage());
    }

    private ImageProcessorConfig read(String json) throws IOException {
        Files.writeString(directory.resolve("preprocessor_config.json"), json);
        return ImageProcessorConfig.read(directory);
    }
}
