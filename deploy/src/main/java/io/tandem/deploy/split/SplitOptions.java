package io.tandem.deploy.split;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line says of the split mode.
 *
 * @param model folder of the checkpoint
 * @param servedName of the model
 * @param compute how the roles compute
 * @param front what the gateway is to the outside
 * @param counts processes of each role
 */
public record SplitOptions(Path model, String servedName, Compute compute, Front front, Counts counts) {

    /**
     * How the roles compute.
     *
     * @param threads of each process; 0 for an even share of the cores
     * @param backend where operations run
     * @param weights how matrices are kept
     */
    public record Compute(int threads, String backend, String weights) {}

    /**
     * Where the gateway listens, and where lies what outlives the processes.
     *
     * @param host address
     * @param port 0 for any that is free
     * @param files folder of uploaded files, where one was named
     */
    public record Front(String host, int port, Optional<Path> files) {

        /** The gateway's setting in the environment, and its default. */
        private static final String FILES = "TANDEM_GATEWAY_FILES_PATH";

        private static final Path DEFAULT_FILES = Path.of(System.getProperty("user.home"), ".local/state/tandem/files");

        /** Folder of what the broker keeps, beside the files. */
        Path journal() {
            return files.or(() -> Optional.ofNullable(System.getenv(FILES)).map(Path::of))
                    .orElse(DEFAULT_FILES)
                    .toAbsolutePath()
                    .resolveSibling("broker");
        }
    }

    /**
     * Processes of each role.
     *
     * @param caches nodes of the cache, at least 1
     * @param encoders at least 1
     * @param decoders at least 1
     */
    public record Counts(int caches, int encoders, int decoders) {}

    /** Threads of each process that computes. */
    int threads() {
        int computing = counts.encoders() + counts.decoders();
        return compute.threads() > 0
                ? compute.threads()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / computing);
    }
}
