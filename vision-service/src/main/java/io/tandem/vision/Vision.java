package io.tandem.vision;

import io.micrometer.core.instrument.MeterRegistry;
import io.tandem.cache.StateStore;
import io.tandem.engine.image.ImageDecoder;
import io.tandem.engine.image.ImageLimits;
import io.tandem.engine.image.PreparedImage;
import io.tandem.engine.runner.VisionRunner;
import io.tandem.runtime.batching.BatchLimits;
import io.tandem.runtime.batching.BatchMetrics;
import io.tandem.runtime.batching.BatchWorker;
import io.tandem.runtime.calls.ServiceState;
import io.tandem.vision.config.VisionServiceConfig;
import io.tandem.vision.encoding.Preparation;
import io.tandem.vision.encoding.SoftTokens;
import io.tandem.vision.encoding.VisionBatches;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * One vision service: its parts put together, from warm-up to drain. Thread-safe; owned by the application, which closes it before
 * engine and store.
 */
public final class Vision implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Vision.class);

    private final VisionServiceConfig config;
    private final ServiceState state;
    private final Optional<Tower> tower;

    /**
     * What there is only if the model reads pictures.
     *
     * @param softTokens makes them
     * @param worker owns the runner
     * @param preparing decodes
     */
    private record Tower(
            SoftTokens softTokens, BatchWorker<PreparedImage, float[][]> worker, ExecutorService preparing) {}

    /**
     * @param model empty if the served model reads no pictures
     * @throws IllegalArgumentException if a setting is out of range; the message names it
     */
    Vision(
            VisionServiceConfig config,
            Optional<VisionModel> model,
            StateStore store,
            ServiceState state,
            MeterRegistry registry) {
        this.config = config;
        this.state = state;
        this.tower = model.map(present -> tower(config, present, store, registry));
    }

    /** Runs a picture through the model and opens the service. */
    void start() {
        tower.ifPresent(present -> present.softTokens().warmUp(WarmUpPicture.png()));
        state.ready();
    }

    /** Makes soft tokens; empty if the served model reads no pictures. */
    public Optional<SoftTokens> softTokens() {
        return tower.map(Tower::softTokens);
    }

    /** Takes no more calls, lets those in progress end, and gives back what it holds. */
    @Override
    public void close() {
        int left = state.drain(config.drainTimeout());
        if (left > 0) {
            LOG.warnf(
                    "%d calls did not end within tandem.vision.drain-timeout, %s; they are ended now",
                    left, config.drainTimeout());
        }
        tower.ifPresent(present -> {
            present.preparing().shutdown();
            present.worker().close();
        });
    }

    private static Tower tower(
            VisionServiceConfig config, VisionModel model, StateStore store, MeterRegistry registry) {
        if (config.maxDecoding() < 1) {
            throw new IllegalArgumentException(
                    "tandem.vision.max-decoding is " + config.maxDecoding() + "; it must be at least 1");
        }
        Preparation preparation = new Preparation(
                new ImageDecoder(new ImageLimits(config.maxImagePixels(), "tandem.vision.max-image-pixels")),
                model.processor());
        VisionRunner runner = model.runner();
        SoftTokens.Shape shape = new SoftTokens.Shape(runner.tokensPerImage(), runner.hiddenSize());
        BatchWorker<PreparedImage, float[][]> worker = BatchWorker.start(
                "vision-runner",
                new VisionBatches(runner),
                new BatchLimits(
                        config.maxQueue(),
                        "tandem.vision.max-queue",
                        config.maxBatchImages(),
                        "tandem.vision.max-batch-images"),
                new BatchMetrics(registry, "tandem.vision", "images"));
        ExecutorService preparing = Executors.newFixedThreadPool(
                config.maxDecoding(),
                Thread.ofPlatform().daemon().name("vision-preparing-", 0).factory());
        return new Tower(new SoftTokens(store, preparation, worker, preparing, shape), worker, preparing);
    }
}
