package io.tandem.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Settings of the engine that a process loads, the same for every service in it. */
@ConfigMapping(prefix = "tandem.engine")
public interface EngineConfig {

    /** Folder of the checkpoint to serve: config.json, weights, tokenizer.json and what belongs to them. */
    Path model();

    /** Where operations run: {@code cpu}, or {@code reference} for the slow, readable oracle. */
    @WithDefault("cpu")
    String backend();

    /**
     * How matrices are kept: {@code stored}, as the checkpoint has them, or {@code int8}, which takes a byte a value and is an
     * approximation; docs/numerics.md says how good.
     */
    @WithDefault("stored")
    String weights();

    /** Threads that compute; 0 for one a core. */
    @WithDefault("0")
    int threads();
}
