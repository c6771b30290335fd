package io.tandem.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder for states of a test: 8 MB of memory before it, chunks of 4 KB. Immutable.
 *
 * @param path a folder that the test may fill
 */
record FolderOfStates(Path path) {
    /** Opens a store on the folder, as a process does that starts. */
    StateStore open(String... settings) {
        return StateStores.open(config(settings));
    }

    /** Settings with these besides: name, value, name, value. */
    CacheConfig config(String... settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "tandem.cache.max-size", "8M",
                "tandem.cache.chunk-size", "4K",
                "tandem.cache.disk.path", path.toString()));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return States.config(all);
    }

    /** All files in it. */
    List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Length of all files. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        return bytes;
    }
}
