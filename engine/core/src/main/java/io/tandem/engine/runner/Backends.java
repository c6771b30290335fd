package io.tandem.engine.runner;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import io.tandem.engine.ops.WeightFormat;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Finds backends by name among those on the class path, and in jars that the environment names. */
public final class Backends {

    /**
     * Environment variable with jars of backends that an app does not hold, separated as in a class path. The environment, as all
     * processes of an installation that one starts have it.
     */
    public static final String PATH = "TANDEM_BACKEND_PATH";

    /** Null until it is needed; guarded by the class. */
    private static ClassLoader loader;

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
        return ServiceLoader.load(OpsProvider.class, loader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    private static synchronized ClassLoader loader() {
        if (loader == null) {
            loader = loader(System.getenv(PATH));
        }
        return loader;
    }

    /**
     * Sees the class path, and these jars too; never closed, as what it has loaded runs to the end of the process.
     *
     * @param jars null for none
     * @throws IllegalArgumentException naming one that isn't there
     */
    static ClassLoader loader(String jars) {
        ClassLoader own = Backends.class.getClassLoader();
        if (jars == null || jars.isBlank()) {
            return own;
        }
        List<URL> urls = new ArrayList<>();
        for (String jar : jars.split(File.pathSeparator)) {
            Path file = Path.of(jar);
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(PATH + " names " + file + ", which is no file");
            }
            try {
                urls.add(file.toUri().toURL());
            } catch (MalformedURLException impossible) {
                throw new IllegalStateException("every file has an address", impossible);
            }
        }
        return new URLClassLoader("tandem-backends", urls.toArray(URL[]::new), own);
    }
}
