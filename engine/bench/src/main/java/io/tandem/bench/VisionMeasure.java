package io.tandem.bench;

import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.VisionRunner;
import java.util.Map;
import java.util.Random;

/** Turns one picture into soft tokens: tower and projector, without reading its file. */
final class VisionMeasure {

    private static final int CHANNELS = 3;

    private final Engine engine;
    private final Breakdown breakdown;

    VisionMeasure(Engine engine, Breakdown breakdown) {
        this.engine = engine;
        this.breakdown = breakdown;
    }

    /** Reports seconds a picture, and puts them among the figures. */
    void run(Report report, Map<String, Double> figures) {
        try (VisionRunner vision = engine.newVisionRunner()) {
            int size = vision.imageSize();
            report.progress("Looking at a picture of " + size + " px");
            float[][] picture = {picture(size)};
            double seconds = Timing.best(0, 2, 0, () -> vision.encode(picture));
            report.result("vision", "image_size", size, "seconds_per_image", Report.rounded(seconds));
            figures.put("vision " + size, seconds);
            breakdown.of("vision " + size, () -> vision.encode(picture));
        }
    }

    /** Normalised values, from -1 to 1. */
    private static float[] picture(int size) {
        Random random = new Random(size);
        float[] pixels = new float[CHANNELS * size * size];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 2 * random.nextFloat() - 1;
        }
        return pixels;
    }
}
