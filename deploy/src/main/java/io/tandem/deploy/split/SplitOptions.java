package io.tandem.deploy.split;

import java.nio.file.Path;

/**
 * What the command line says of the split mode.
 *
 * @param model folder of the checkpoint
 * @param servedName of the model
 * @param compute how the roles compute
 * @param http where the gateway listens
 * @param counts processes of each role
 */
public record SplitOptions(Path model, String servedName, Compute compute, Http http, Counts counts) {

    /**
     * How the roles compute.
     *
     * @param threads of each process; 0 for an even share of the cores
     * @param backend where operations run
     * @param weights how matrices are kept
     */
    public record Compute(int threads, String backend, String weights) {}

    /**
     * Where the gateway listens.
     *
     * @param host address
     * @param port 0 for any that is free
     */
    public record Http(String host, int port) {}

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
