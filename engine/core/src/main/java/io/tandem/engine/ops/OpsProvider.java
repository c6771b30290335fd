package io.tandem.engine.ops;

/** Makes a backend's {@link Ops}; found by {@link java.util.ServiceLoader}, so that nothing but the class path names it. */
public interface OpsProvider {

    /** The name that {@code tandem.engine.backend} selects it by. */
    String name();

    /**
     * Opens the backend.
     *
     * @param threads threads that compute, the caller's included
     * @param weights how matrices are kept
     * @throws IllegalStateException if this machine or this JVM can't run it; the message says what is missing
     */
    Ops open(int threads, WeightFormat weights);
}
