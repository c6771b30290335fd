package io.tandem.encoder;

import io.micrometer.core.instrument.MeterRegistry;
import io.tandem.cache.StateStore;
import io.tandem.encoder.config.EncoderConfig;
import io.tandem.encoder.embedding.Embedder;
import io.tandem.encoder.encoding.EncoderBatches;
import io.tandem.encoder.encoding.SegmentStates;
import io.tandem.encoder.encoding.SoftTokenReader;
import io.tandem.encoder.prompt.ReadingPool;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.runtime.batching.BatchLimits;
import io.tandem.runtime.batching.BatchMetrics;
import io.tandem.runtime.batching.BatchWorker;
import io.tandem.runtime.calls.ServiceState;
import org.jboss.logging.Logger;

/**
 * One encoder service: its parts put together, from warm-up to drain. Thread-safe; owned by the application, which closes it before
 * engine, tokenizer and store.
 */
public final class Encoder implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Encoder.class);

    private static final String WARM_UP_TEXT = "Hello";

    private final EncoderConfig config;
    private final EncoderModel model;
    private final ServiceState state;
    private final BatchWorker<EncoderInput, float[]> worker;
    private final SegmentStates states;
    private final Embedder embedder;
    private final ReadingPool reading;

    /** @throws IllegalArgumentException if a setting is out of range; the message names it */
    Encoder(EncoderConfig config, EncoderModel model, StateStore store, ServiceState state, MeterRegistry registry) {
        this.config = config;
        this.model = model;
        this.state = state;
        BatchLimits limits = new BatchLimits(
                config.maxQueue(),
                "tandem.encoder.max-queue",
                config.maxBatchTokens(),
                "tandem.encoder.max-batch-tokens");
        EncoderRunner runner = model.engine().newEncoderRunner();
        SoftTokenReader softTokens =
                new SoftTokenReader(store, model.engine().config().tokensPerImage(), runner.hiddenSize());
        worker = BatchWorker.start(
                "encoder-runner",
                new EncoderBatches(runner),
                limits,
                new BatchMetrics(registry, "tandem.encoder", "tokens"));
        states = new SegmentStates(store, softTokens, worker);
        embedder = new Embedder(states, store, config.maxQueue());
        reading = new ReadingPool(Runtime.getRuntime().availableProcessors(), config.maxQueue());
    }

    /** Runs a text through the model and opens the service. */
    void start() {
        states.warmUp(model.tokenizer().encode(WARM_UP_TEXT));
        state.ready();
    }

    /** Encodes segments. */
    SegmentStates states() {
        return states;
    }

    /** Embeds texts. */
    Embedder embedder() {
        return embedder;
    }

    /** Where requests are read. */
    ReadingPool reading() {
        return reading;
    }

    /** Takes no more calls, lets those in progress end, and gives back what it holds. */
    @Override
    public void close() {
        int left = state.drain(config.drainTimeout());
        if (left > 0) {
            LOG.warnf(
                    "%d calls did not end within tandem.encoder.drain-timeout, %s; they are ended now",
                    left, config.drainTimeout());
        }
        reading.close();
        worker.close();
    }
}
