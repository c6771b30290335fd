package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The checkpoints that tests serve, and looks into what came of them. */
final class Checkpoints {

    static final String WEIGHTS = "model.safetensors";

    private static final Path ROOT = Path.of(System.getProperty("tandem.root"));

    /** Weights in one file, and files that the engine doesn't read. */
    static final Path SINGLE = ROOT.resolve("engine/core/src/test/golden/text-sliding");

    /** Weights of several megabytes. */
    static final Path LARGER = ROOT.resolve("deploy/demo-model");

    static final Path SHARDED = ROOT.resolve("engine/core/src/test/golden/legacy-sharded");

    private Checkpoints() {}

    static LocalHub single() {
        return LocalHub.serving(Client.NAME, SINGLE);
    }

    /** Names of the files in a folder. */
    static SortedSet<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            SortedSet<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }

    static void assertSameContent(Path expected, Path folder) throws IOException {
        for (String name : names(folder)) {
            assertEquals(-1, Files.mismatch(expected.resolve(name), folder.resolve(name)), name);
        }
    }
}
