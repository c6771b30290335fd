package io.tandem.hub;

import static io.tandem.hub.Checkpoints.WEIGHTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several threads and several processes that want the same model at once. */
class ConcurrentDownloadTest {

    private static final int AT_ONCE = 3;

    @TempDir
    private Path cache;

    /** What a test starts as a process of its own. */
    static final class Fetch {

        private Fetch() {}

        /** @param arguments endpoint and cache */
        public static void main(String... arguments) {
            HubConfig config = new HubConfig(
                    URI.create(arguments[0]),
                    Path.of(arguments[1]),
                    Optional.empty(),
                    false,
                    true,
                    Duration.ofSeconds(20),
                    Proxies.NONE);
            try (DownloadDisplay display =
                    new DownloadDisplay(Client.NAME, null, System.out::println, System::nanoTime)) {
                new Hub(config, display, Waits.REAL, FreeSpace.OF_DISK)
                        .fetch(new Repository(Client.NAME, "main"), folder -> {});
            }
        }
    }

    @Test
    void threadsShareOneDownload() throws Exception {
        try (LocalHub hub = Checkpoints.single();
                ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Path>> folders = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                folders.add(threads.submit(() -> new Client(hub.endpoint(), cache).fetch()));
            }
            for (Future<Path> folder : folders) {
                Checkpoints.assertSameContent(Checkpoints.SINGLE, folder.get());
            }
            assertEquals(1, hub.downloads(WEIGHTS));
        }
    }

    @Test
    void processesShareOneDownload() throws IOException, InterruptedException {
        try (LocalHub hub = Checkpoints.single()) {
            // Long enough for the others to come and wait; they go on once the first has given up on it.
            hub.fail(WEIGHTS, Fault.cut(10_000), Fault.cut(10_000));
            List<Process> processes = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                processes.add(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Fetch.class.getName(),
                                hub.endpoint().toString(),
                                cache.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(cache.resolve("process-" + i + ".log").toFile())
                        .start());
            }
            for (int i = 0; i < AT_ONCE; i++) {
                assertTrue(processes.get(i).waitFor(60, TimeUnit.SECONDS));
                assertEquals(0, processes.get(i).exitValue(), Files.readString(cache.resolve("process-" + i + ".log")));
            }
            Path snapshot =
                    cache.resolve("models--tandem--tiny-model/snapshots").resolve(hub.commit());
            Checkpoints.assertSameContent(Checkpoints.SINGLE, snapshot);
            assertEquals(3, hub.downloads(WEIGHTS));
        }
    }
}
