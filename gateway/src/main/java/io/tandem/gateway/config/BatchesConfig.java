package io.tandem.gateway.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of batches. */
@ConfigMapping(prefix = "tandem.gateway.batches")
public interface BatchesConfig {

    /**
     * Folder that holds them, made when it is needed; among the files unless set. Several gateways on one file system may share it,
     * and the work.
     */
    @WithDefault("${tandem.gateway.files.path:${user.home}/.local/state/tandem/files}/batches")
    Path path();

    /** Lines of one batch; it fails above. */
    @WithDefault("50000")
    int maxLines();

    /** Largest line; the batch fails above. */
    @WithDefault("20M")
    MemorySize maxLineSize();

    /** Batches of one name's keys that have not ended; 429 above. */
    @WithDefault("100")
    int maxOpen();

    /** Places in admission that lines take while no other request runs. */
    @WithDefault("8")
    int parallel();

    /** Places that they take while others run; new lines begin only when no request waits. */
    @WithDefault("1")
    int parallelBesideRequests();

    /** Time between two looks for batches that nobody works on. */
    @WithDefault("2S")
    Duration sweep();
}
