package io.tandem.vision;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Engine;
import io.tandem.runtime.EngineConfig;
import io.tandem.runtime.NeededPart;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Calls;
import io.tandem.runtime.calls.ServiceState;
import io.tandem.vision.config.VisionServiceConfig;
import io.tandem.vision.grpc.UploadParts;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.Semaphore;

/** Makes the vision service of this process from the engine and the store that it finds, and starts and stops it. */
@Singleton
public class VisionBeans {

    private final EngineConfig engineConfig;
    private final MeterRegistry registry;
    private final GrpcHealthStorage health;

    /** @param engineConfig says where the checkpoint is */
    public VisionBeans(EngineConfig engineConfig, MeterRegistry registry, GrpcHealthStorage health) {
        this.engineConfig = engineConfig;
        this.registry = registry;
        this.health = health;
    }

    @Produces
    @Singleton
    NeededPart part() {
        return new NeededPart(Part.VISION);
    }

    @Produces
    @Singleton
    Vision vision(VisionServiceConfig config, Engine engine, StateStore store) {
        ServiceState state = new ServiceState(VisionServiceGrpc.SERVICE_NAME, health);
        return new Vision(config, VisionModel.of(engine, engineConfig.model()), store, state, registry);
    }

    @Produces
    @Singleton
    UploadParts uploads(VisionServiceConfig config, Vision vision, TenantKeys keys) {
        Calls calls = new Calls("vision", vision.state(), registry);
        return new UploadParts(config, vision.softTokens(), keys, calls, new Semaphore(config.maxQueue()));
    }

    void start(@Observes StartupEvent event, Vision vision) {
        vision.start();
    }

    void stop(@Observes ShutdownEvent event, Vision vision) {
        vision.close();
    }
}
