package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server as it is packaged: its jar and the libraries beside it are all that it needs. */
@Timeout(60)
class PackagedServerIT {
    private static final Path TARGET = Path.of(System.getProperty("tandem.root"), "cache/server/target");

    @Test
    void aPackagedNodeServesAndEndsWhenItIsTold() throws Exception {
        try (NodeProcess node = NodeProcess.launch(jar() + ":" + TARGET.resolve("lib/*"), List.of())) {
            float[] values = States.values(100, 64, 1);
            try (StateStore store = StateStores.open(node.client(Map.of("tandem.cache.timeout", "PT20S")))) {
                States.write(store, States.key(1), values, 64);
                assertTrue(States.sameBits(
                        values, States.read(store, States.key(1)).orElseThrow()));
            }
            assertEquals(143, node.terminate());
        }
    }

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.getFileName().toString().matches("tandem-cache-server-.*\\.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
