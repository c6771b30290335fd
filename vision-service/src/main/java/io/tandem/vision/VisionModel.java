package io.tandem.vision;

import io.tandem.engine.image.ImageProcessor;
import io.tandem.engine.image.ImageProcessorConfig;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.VisionRunner;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The part of a model that reads pictures.
 *
 * @param runner belongs to whoever takes the record
 * @param processor as the checkpoint wants its pictures
 */
record VisionModel(VisionRunner runner, ImageProcessor processor) {

    private static final Logger LOG = Logger.getLogger(VisionModel.class);

    /**
     * Takes it from the engine; empty if the checkpoint has no vision tower or says nothing of how to prepare pictures.
     *
     * @throws io.tandem.engine.checkpoint.CheckpointException if the image processor's settings can't be used
     */
    static Optional<VisionModel> of(Engine engine, Path checkpoint) {
        if (!engine.hasVision()) {
            return Optional.empty();
        }
        if (!ImageProcessorConfig.existsIn(checkpoint)) {
            LOG.warnf("%s has a vision tower and no preprocessor_config.json; pictures are refused", checkpoint);
            return Optional.empty();
        }
        ImageProcessorConfig settings = ImageProcessorConfig.read(checkpoint);
        VisionRunner runner = engine.newVisionRunner();
        return Optional.of(new VisionModel(runner, new ImageProcessor(settings, runner.imageSize())));
    }
}
