package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The default mode starts without the classes of the others: a start should not pay for what it does not use. */
@Timeout(60)
class UnusedTiersTest {
    @Test
    void theDefaultModeLoadsNothingOfTheOthers(@TempDir Path folder) throws IOException, InterruptedException {
        Path log = folder.resolve("classes");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + log,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        UnusedTiersTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> "see " + folder);
        String classes = Files.readString(log);
        assertTrue(classes.contains("io.tandem.cache.EmbeddedEntries "));
        List<String> unwanted = List.of(
                "io.tandem.cache.RemoteEntries ",
                "io.tandem.cache.ClusterEntries ",
                "io.tandem.cache.NearEntries ",
                "io.tandem.cache.DiskStateStore ",
                "org.infinispan.client.hotrod.",
                "org.jgroups.JChannel ");
        assertEquals(List.of(), unwanted.stream().filter(classes::contains).toList());
    }

    /** Uses a store with the default settings. */
    public static void main(String[] arguments) {
        try (StateStore store = StateStores.open(States.config(Map.of()))) {
            float[] values = States.values(10, 64, 1);
            States.write(store, States.key(1), values, 64);
            if (!States.sameBits(values, States.read(store, States.key(1)).orElseThrow())) {
                throw new IllegalStateException("other values were read than written");
            }
        }
    }
}
