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
     * Where the gateway listens, and keeps what was uploaded.
     *
     * @param host address
     * @param port 0 for any that is free
     * @param files folder of uploaded files, where one was named
     */
    public record Front(String host, int port, Optional<Path> files) {}

    /**
     * Processes of each role.
     *
     * @param encoders at least 1
     * @param decoders at least 1
     */
    public record Counts(int encoders, int decoders) {}

    /** Threads of each process that computes. */
    int threads() {
        int computing = counts.encoders() + counts.decoders();
        return compute.threads() > 0
                ? compute.threads()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / computing);
    }
}
