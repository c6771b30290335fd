package io.tandem.vision;

import io.tandem.engine.image.ImageProcessor;
import io.tandem.engine.image.ImageProcessorConfig;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.VisionRunner;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The part of a model that reads pictures.
 *
 * @param runner belongs to whoever takes the record
 * @param processor as the checkpoint wants its pictures
 */
record VisionModel(VisionRunner runner, ImageProcessor processor) {

    /**
     * Takes it from the engine; empty if the checkpoint has no vision tower.
     *
     * @throws io.tandem.engine.checkpoint.CheckpointException if the image processor's settings are missing or can't be used
     */
    static Optional<VisionModel> of(Engine engine, Path checkpoint) {
        if (!engine.hasVision()) {
            return Optional.empty();
        }
        ImageProcessorConfig settings = ImageProcessorConfig.read(checkpoint);
        VisionRunner runner = engine.newVisionRunner();
        return Optional.of(new VisionModel(runner, new ImageProcessor(settings, runner.imageSize())));
    }
}
