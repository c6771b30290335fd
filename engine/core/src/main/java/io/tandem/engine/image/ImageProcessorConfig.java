package io.tandem.engine.image;

import io.tandem.engine.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a checkpoint wants its images, from {@code preprocessor_config.json}.
 *
 * @param size side of the square that images are resized to, in pixels
 * @param filter {@code resample}
 * @param rescaleFactor what a level of 0 to 255 is multiplied by; 1 without {@code do_rescale}
 * @param mean subtracted after that, by channel; 0 without {@code do_normalize}
 * @param std divided by after that, by channel; 1 without {@code do_normalize}
 * @param panAndScan only with {@code do_pan_and_scan}
 */
public record ImageProcessorConfig(
        int size,
        ResampleFilter filter,
        double rescaleFactor,
        List<Double> mean,
        List<Double> std,
        Optional<PanAndScan> panAndScan) {

    public ImageProcessorConfig {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != RgbImage.CHANNELS || std.size() != RgbImage.CHANNELS) {
            throw new IllegalArgumentException(
                    "%d means and %d deviations for 3 channels".formatted(mean.size(), std.size()));
        }
    }

    /**
     * Reads the settings from a checkpoint: from {@code preprocessor_config.json}, else from {@code image_processor} in
     * {@code processor_config.json}. A key that is absent or null takes transformers' default for Gemma 3.
     *
     * @throws CheckpointException if both are missing, or hold what can't be done
     */
    public static ImageProcessorConfig read(Path directory) {
        return ImageProcessorConfigReader.read(directory);
    }

    /** Whether a checkpoint brings any; one without them reads no images, whatever weights it has. */
    public static boolean existsIn(Path directory) {
        return ImageProcessorConfigReader.existsIn(directory);
    }

    /** The same settings with pan and scan as given. */
    public ImageProcessorConfig withPanAndScan(Optional<PanAndScan> other) {
        return new ImageProcessorConfig(size, filter, rescaleFactor, mean, std, other);
    }

    /** What the vision tower reads for a sample. */
    double pixelValue(int channel, int level) {
        return (level * rescaleFactor - mean.get(channel)) / std.get(channel);
    }
}
