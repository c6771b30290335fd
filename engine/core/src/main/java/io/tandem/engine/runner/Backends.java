package io.tandem.engine.runner;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import java.util.List;
import java.util.ServiceLoader;

/** Finds backends by name among those on the class path. */
public final class Backends {

    private Backends() {}

    /** Names of the backends there are, in alphabetical order. */
    public static List<String> names() {
        return providers().stream().map(OpsProvider::name).sorted().toList();
    }

    /**
     * Opens a backend.
     *
     * @param threads threads that compute, 0 for one a core
     * @throws IllegalArgumentException if there is none of that name, or threads is negative
     * @throws IllegalStateException if this machine or JVM can't run it
     */
    public static Ops open(String name, int threads) {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; 0 takes one a core");
        }
        int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        return providers().stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no backend \"" + name + "\"; there are " + String.join(", ", names())))
                .open(count);
    }

    private static List<OpsProvider> providers() {
        return ServiceLoader.load(OpsProvider.class, Backends.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
