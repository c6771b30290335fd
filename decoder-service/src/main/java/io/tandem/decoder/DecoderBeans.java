package io.tandem.decoder;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.decoder.grpc.CallParts;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.NeededPart;
import io.tandem.runtime.calls.ServiceState;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Makes the decoder of this process from the model and the store that it finds, and starts and stops it. */
@Singleton
public class DecoderBeans {

    private static final Logger LOG = Logger.getLogger(DecoderBeans.class);

    private final DecoderConfig config;
    private final MeterRegistry registry;
    private final ServiceState state;

    /** Null until they are made, which they never are when the checkpoint can't be loaded. */
    private volatile DecoderModel model;

    private volatile Decoder decoder;

    /** @param config of the service */
    public DecoderBeans(DecoderConfig config, MeterRegistry registry, GrpcHealthStorage health) {
        this.config = config;
        this.registry = registry;
        this.state = new ServiceState(DecoderServiceGrpc.SERVICE_NAME, health);
    }

    @Produces
    @Singleton
    NeededPart needed() {
        return new NeededPart(Part.DECODER);
    }

    @Produces
    @Singleton
    DecoderModel model(Engine engine, Tokenizer tokenizer) {
        model = DecoderModel.of(engine, tokenizer, config);
        return model;
    }

    @Produces
    @Singleton
    Decoder decoder(DecoderModel made, StateStore store) {
        decoder = new Decoder(config, made, store, state, registry);
        return decoder;
    }

    @Produces
    @Singleton
    CallParts parts(Decoder made) {
        return made.parts();
    }

    /** How far the service has got; known before the model is loaded. */
    public ServiceState state() {
        return state;
    }

    /** Before anything else happens, as Quarkus has just declared every service healthy. */
    void announce(@Observes @Priority(1) StartupEvent event) {
        state.starting();
    }

    void start(@Observes StartupEvent event, Decoder made) {
        made.start(DecoderBeans::end);
    }

    /**
     * Ends the process: whoever started it sees that it is no use and starts another, as nobody would of one that only ever says that it
     * is not ready.
     */
    private static void end(Throwable cause) {
        LOG.error("The decoder's warm-up failed: this model can't be run here, and the process ends", cause);
        Quarkus.asyncExit(1);
    }

    void stop(@Observes ShutdownEvent event) {
        if (decoder != null) {
            decoder.close();
        }
        if (model != null) {
            model.runner().close();
        }
    }
}
