package io.tandem.engine.runner;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import io.tandem.engine.ops.WeightFormat;
import java.util.List;
import java.util.ServiceLoader;

/** Finds backends by name among those on the class path. */
public final class Backends {

    private Backends() {}

    /** Names of the backends there are, in alphabetical order. */
    public static List<String> names() {
        return providers().stream().map(OpsProvider::name).sorted().toList();
    }

    /** Names that {@code tandem.engine.weights} may have. */
    public static List<String> weightFormats() {
        return WeightFormat.names();
    }

    /**
     * Opens a backend as settings name it; see {@link #open(String, int, WeightFormat)}.
     *
     * @param weights the value of {@code tandem.engine.weights}
     */
    public static Ops open(String name, int threads, String weights) {
        return open(name, threads, WeightFormat.named(weights));
    }

    /** Opens a backend that keeps weights as they are stored; see {@link #open(String, int, WeightFormat)}. */
    public static Ops open(String name, int threads) {
        return open(name, threads, WeightFormat.STORED);
    }

    /**
     * Opens a backend.
     *
     * @param threads threads that compute, 0 for one a core
     * @param weights how it keeps matrices
     * @throws IllegalArgumentException if there is none of that name, or threads is negative
     * @throws IllegalStateException if this machine or JVM can't run it
     */
    public static Ops open(String name, int threads, WeightFormat weights) {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; 0 takes one a core");
        }
        int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        return providers().stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no backend \"" + name + "\"; there are " + String.join(", ", names())))
                .open(count, weights);
    }

    private static List<OpsProvider> providers() {
        return ServiceLoader.load(OpsProvider.class, Backends.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
