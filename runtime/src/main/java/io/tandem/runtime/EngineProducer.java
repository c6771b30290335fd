package io.tandem.runtime;

import io.quarkus.arc.Unremovable;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.hub.Hub;
import io.tandem.hub.ModelSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jboss.logging.Logger;

/** Opens the checkpoint once for all services of the process, with the parts that they need. */
@ApplicationScoped
public class EngineProducer {

    private static final Logger LOG = Logger.getLogger(EngineProducer.class);

    /** Finds the checkpoint, once for all that read files of it; one of the hub's is downloaded where it isn't in the cache. */
    @Produces
    @Singleton
    ModelFolder modelFolder(EngineConfig config) {
        ModelSource source = ModelSource.of(config.model(), config.revision());
        return new ModelFolder(source.name(), Hub.folder(source, ModelConfig::read, LOG::info));
    }

    /** Loads the engine; fails with what is wrong with the checkpoint, naming file and tensor. */
    @Produces
    @Singleton
    @Unremovable
    Engine engine(EngineConfig config, ModelFolder model, Instance<NeededPart> needed) {
        long start = System.nanoTime();
        Set<Part> parts = EnumSet.noneOf(Part.class);
        needed.forEach(part -> parts.add(part.part()));
        try (Checkpoint checkpoint = Checkpoint.open(model.path());
                LoadingDisplay display = LoadingDisplay.open()) {
            Ops ops = Backends.open(config.backend(), config.threads(), config.weights());
            Engine engine = Engine.load(checkpoint, ops, parts, display);
            LOG.infof(
                    "Loaded %s of %s with %s weights on backend %s with %d threads in %d ms",
                    parts,
                    model.name(),
                    config.weights(),
                    engine.backend(),
                    engine.threads(),
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
            return engine;
        }
    }

    @Produces
    @Singleton
    ModelIdentity identity(Engine engine) {
        return ModelIdentity.of(engine);
    }

    void closeEngine(@Disposes Engine engine) {
        engine.close();
    }

    /** The checkpoint's tokenizer, safe for any number of threads. */
    @Produces
    @Singleton
    Tokenizer tokenizer(ModelFolder model) {
        return Tokenizer.open(model.path());
    }

    void closeTokenizer(@Disposes Tokenizer tokenizer) {
        tokenizer.close();
    }
}
