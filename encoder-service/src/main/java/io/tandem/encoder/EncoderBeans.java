package io.tandem.encoder;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.encoder.config.EncoderConfig;
import io.tandem.encoder.grpc.EncoderParts;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelFolder;
import io.tandem.runtime.NeededPart;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Calls;
import io.tandem.runtime.calls.ServiceState;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the encoder service of this process from the engine and the store that it finds, and starts and stops it. */
@Singleton
public class EncoderBeans {

    private final EncoderConfig config;
    private final MeterRegistry registry;
    private final ServiceState state;

    /** Null until it is made, which it never is when the checkpoint can't be loaded. */
    private volatile Encoder encoder;

    /** @param config of the service */
    public EncoderBeans(EncoderConfig config, MeterRegistry registry, GrpcHealthStorage health) {
        this.config = config;
        this.registry = registry;
        this.state = new ServiceState(EncoderServiceGrpc.SERVICE_NAME, health);
    }

    @Produces
    @Singleton
    NeededPart part() {
        return new NeededPart(Part.ENCODER);
    }

    @Produces
    @Singleton
    EncoderModel model(Engine engine, Tokenizer tokenizer, ModelFolder folder) {
        return new EncoderModel(engine, tokenizer, folder.path());
    }

    @Produces
    @Singleton
    Encoder encoder(EncoderModel model, StateStore store) {
        encoder = new Encoder(config, model, store, state, registry);
        return encoder;
    }

    @Produces
    @Singleton
    EncoderParts parts(Encoder made, EncoderModel model, TenantKeys keys) {
        return new EncoderParts(
                model.reader(config),
                model.promptTokenizer(config),
                model.cutter(config),
                made.reading(),
                made.states(),
                made.embedder(),
                keys,
                model.identity(),
                new Calls("encoder", state, registry),
                model.description(config));
    }

    /** How far the service has got; known before the model is loaded. */
    public ServiceState state() {
        return state;
    }

    /** Before anything else happens, as Quarkus has just declared every service healthy. */
    void announce(@Observes @Priority(1) StartupEvent event) {
        state.starting();
    }

    void start(@Observes StartupEvent event, Encoder made) {
        made.start();
    }

    void stop(@Observes ShutdownEvent event) {
        if (encoder != null) {
            encoder.close();
        }
    }
}
