package io.tandem.engine.image;

import io.tandem.engine.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.List;

/** Makes of a decoded image what the vision tower reads, as the checkpoint's image processor would. Immutable. */
public final class ImageProcessor {

    private static final int LEVELS = 256;

    private final ImageProcessorConfig config;
    private final float[][] pixelValues; // [3, 256], by channel and level

    /**
     * Takes a checkpoint's settings.
     *
     * @param imageSize {@code image_size} of the vision tower, in pixels
     * @throws CheckpointException if the settings resize to another size than the tower reads
     */
    public ImageProcessor(ImageProcessorConfig config, int imageSize) {
        if (config.size() != imageSize) {
            throw new CheckpointException(
                    "the image processor's size is %d, the vision tower's image_size is %d; they must be equal"
                            .formatted(config.size(), imageSize));
        }
        this.config = config;
        pixelValues = new float[RgbImage.CHANNELS][LEVELS];
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
            for (int level = 0; level < LEVELS; level++) {
                pixelValues[channel][level] = (float) config.pixelValue(channel, level);
            }
        }
    }

    /** Makes the views of an image: the whole, and its crops if pan and scan is on and the image is long enough. */
    public PreparedImage prepare(RgbImage image) {
        List<float[]> views = new ArrayList<>();
        views.add(view(image));
        config.panAndScan().ifPresent(panAndScan -> panAndScan.crops(image).forEach(crop -> views.add(view(crop))));
        return new PreparedImage(views);
    }

    /** Pixel values of one view, {@code [3, size, size]}. */
    private float[] view(RgbImage image) {
        byte[] rgb = PillowResize.resize(image, config.size(), config.filter()).rgb();
        int pixels = config.size() * config.size();
        float[] view = new float[rgb.length];
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
            float[] values = pixelValues[channel];
            for (int pixel = 0; pixel < pixels; pixel++) {
                view[channel * pixels + pixel] = values[rgb[pixel * RgbImage.CHANNELS + channel] & 0xff];
            }
        }
        return view;
    }
}
