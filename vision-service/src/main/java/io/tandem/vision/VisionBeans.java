package io.tandem.vision;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Engine;
import io.tandem.runtime.ModelFolder;
import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.NeededPart;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Calls;
import io.tandem.runtime.calls.ServiceState;
import io.tandem.vision.config.VisionServiceConfig;
import io.tandem.vision.grpc.UploadParts;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.Semaphore;

/** Makes the vision service of this process from the engine and the store that it finds, and starts and stops it. */
@Singleton
public class VisionBeans {

    private final MeterRegistry registry;
    private final ServiceState state;

    /** Null until it is made, which it never is when the checkpoint can't be loaded. */
    private volatile Vision vision;

    /** @param health where Quarkus keeps what it tells of the service */
    public VisionBeans(MeterRegistry registry, GrpcHealthStorage health) {
        this.registry = registry;
        this.state = new ServiceState(VisionServiceGrpc.SERVICE_NAME, health);
    }

    @Produces
    @Singleton
    NeededPart part() {
        return new NeededPart(Part.VISION);
    }

    @Produces
    @Singleton
    Vision vision(VisionServiceConfig config, Engine engine, ModelFolder model, StateStore store) {
        vision = new Vision(config, VisionModel.of(engine, model.path()), store, state, registry);
        return vision;
    }

    @Produces
    @Singleton
    UploadParts uploads(VisionServiceConfig config, Vision made, TenantKeys keys, ModelIdentity model) {
        Calls calls = new Calls("vision", state, registry);
        return new UploadParts(config, made.softTokens(), keys, model, calls, new Semaphore(config.maxQueue()));
    }

    /** How far the service has got; known before the model is loaded. */
    public ServiceState state() {
        return state;
    }

    /** Before anything else happens, as Quarkus has just declared every service healthy. */
    void announce(@Observes @Priority(1) StartupEvent event) {
        state.starting();
    }

    void start(@Observes StartupEvent event, Vision made) {
        made.start();
    }

    void stop(@Observes ShutdownEvent event) {
        if (vision != null) {
            vision.close();
        }
    }
}
