package io.tandem.deploy.browser;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A headless Chromium in a process of its own, driven over its DevTools protocol, so that nothing but the browser has to be
 * installed. It reaches 127.0.0.1 only. Owned by the tests' root store and used by their thread.
 */
public final class Chromium implements AutoCloseable {

    /** Names the browser, when it is not on the PATH. */
    public static final String VARIABLE = "TANDEM_CHROMIUM";

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final Process process;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final DevTools browser;

    private Chromium(Process process, Path profile) {
        this.process = process;
        this.profile = profile;
        List<String> port = awaitPort();
        this.address = "ws://127.0.0.1:" + port.getFirst();
        this.browser = new DevTools(client, URI.create(address + port.getLast()), (event, parameters) -> {});
    }

    /** The browser of this machine, if it has one. */
    public static Optional<Path> find() {
        String named = System.getenv(VARIABLE);
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts a browser with a profile of its own. */
    public static Chromium start(Path binary) {
        try {
            Path profile = Files.createTempDirectory("tandem-chromium");
            Process process = new ProcessBuilder(
                            binary.toString(),
                            "--headless=new",
                            // Tests run as root in containers, where the sandbox cannot be made.
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--no-first-run",
                            "--hide-scrollbars",
                            "--force-color-profile=srgb",
                            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                            "--remote-debugging-port=0",
                            "--user-data-dir=" + profile,
                            "about:blank")
                    .redirectErrorStream(true)
                    .redirectOutput(profile.resolve("output.log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Chromium(process, profile);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Opens a tab that shares nothing with others: no storage, no cache. */
    public Tab open() {
        String context = browser.call("Target.createBrowserContext", DevTools.JSON.createObjectNode())
                .get("browserContextId")
                .asText();
        ObjectNode target =
                DevTools.JSON.createObjectNode().put("url", "about:blank").put("browserContextId", context);
        String id = browser.call("Target.createTarget", target).get("targetId").asText();
        return new Tab(client, URI.create(address + "/devtools/page/" + id));
    }

    /** The port and the path that the browser writes down once it listens. */
    private List<String> awaitPort() {
        Path file = profile.resolve("DevToolsActivePort");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() < deadline) {
            List<String> lines = read(file);
            if (lines.size() == 2) {
                return lines;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        process.destroyForcibly();
        throw new AssertionError("Chromium does not listen: " + read(profile.resolve("output.log")));
    }

    private static List<String> read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() throws IOException {
        browser.close();
        // Its own processes write to the profile for a moment longer than it lives.
        CompletableFuture<?> ended =
                CompletableFuture.allOf(Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .map(ProcessHandle::onExit)
                        .toArray(CompletableFuture[]::new));
        process.destroy();
        ended.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        client.close();
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
