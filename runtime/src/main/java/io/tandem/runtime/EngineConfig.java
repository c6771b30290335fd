package io.tandem.runtime;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Settings of the engine that a process loads, the same for every service in it. */
@ConfigMapping(prefix = "tandem.engine")
public interface EngineConfig {

    /**
     * The checkpoint to serve: a folder with config.json, weights, tokenizer.json and what belongs to them, or else OWNER/NAME or
     * OWNER/NAME@REVISION on the Hugging Face hub.
     */
    String model();

    /** Branch, tag or commit of a model on the hub, where it doesn't stand in its name; {@code main} unless given. */
    Optional<String> revision();

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
