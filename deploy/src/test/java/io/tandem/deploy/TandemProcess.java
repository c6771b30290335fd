package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged all-in-one app in a process of its own. Owned by the test that started it. */
final class TandemProcess implements AutoCloseable {

    /** Generous: a machine that runs other tests beside this one may be slow. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Path ROOT = Path.of(System.getProperty("tandem.root"));

    private final Process process;
    private final Path log;
    private final int port;

    private TandemProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts the app on a free port and waits until it is ready. */
    static TandemProcess start(String name, Path model, String... options) {
        return start(name, model.toString(), Map.of(), options);
    }

    /** As {@link #start(String, Path, String...)}, with any model and additional environment variables. */
    static TandemProcess start(String name, String model, Map<String, String> environment, String... options) {
        int port = freePort();
        List<String> arguments = new ArrayList<>(List.of("--model", model, "--port", String.valueOf(port)));
        arguments.addAll(List.of(options));
        if (!arguments.contains("--data")) {
            arguments.addAll(List.of("--data", freshFolder(name).toString()));
        }
        TandemProcess tandem = launch(name, port, arguments, environment);
        tandem.awaitReady();
        return tandem;
    }

    /** Starts the app and lets it come to an end, as it must where it can't serve. */
    static TandemProcess startAndEnd(String name, String... arguments) {
        return startAndEnd(name, Map.of(), arguments);
    }

    /** As {@link #startAndEnd(String, String...)}, with additional environment variables. */
    static TandemProcess startAndEnd(String name, Map<String, String> environment, String... arguments) {
        TandemProcess tandem = launch(name, 0, List.of(arguments), environment);
        tandem.awaitExit(PATIENCE);
        return tandem;
    }

    private static TandemProcess launch(
            String name, int port, List<String> arguments, Map<String, String> environment) {
        try {
            Path logs = Files.createDirectories(ROOT.resolve("deploy/target/system-tests"));
            Path log = logs.resolve(name + ".log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of(System.getProperty("tandem.jvm.flags").trim().split("\\s+")));
            // As ./run has it, but for the upper limit.
            command.addAll(List.of("-Xms512m", "-Xmx1g"));
            command.add("-Dtandem.root=" + ROOT);
            command.add("-Dtandem.jvm.flags=" + System.getProperty("tandem.jvm.flags"));
            command.add("-jar");
            command.add(
                    ROOT.resolve("deploy/target/quarkus-app/quarkus-run.jar").toString());
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .directory(new File(logs.toString()));
            builder.environment().putAll(environment);
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new TandemProcess(process, log, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        Api api = api();
        Eventually.holds(PATIENCE, "ready", () -> {
            if (!process.isAlive()) {
                fail("the app ended with code " + process.exitValue() + ":\n" + output());
            }
            return api.isReady();
        });
    }

    /** Waits for the end of the process. */
    void awaitExit(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                fail("the app did not end within " + patience + ":\n" + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    Api api() {
        return new Api("http://127.0.0.1:" + port);
    }

    /** Bytes of the heap that are in use once what nobody needs is gone. */
    long heapAfterCollection() {
        tool("GC.run");
        return (long) api().metric("jvm_memory_used_bytes", "area=\"heap\"");
    }

    /** Threads whose names begin like this, virtual ones included. */
    long threads(String name) {
        Path dump = log.resolveSibling("threads-" + process.pid() + ".json");
        tool("Thread.dump_to_file", "-overwrite", "-format=json", dump.toString());
        try (Stream<String> lines = Files.lines(dump)) {
            return lines.filter(line -> line.contains("\"name\": \"" + name)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tool(String... command) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), String.valueOf(process.pid())));
        words.addAll(List.of(command));
        try {
            Process tool = new ProcessBuilder(words).redirectErrorStream(true).start();
            String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, tool.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** What it wrote to standard output and standard error. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it started, and what those started. */
    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Sends what Ctrl-C or an orchestrator sends. */
    void terminate() {
        process.destroy();
    }

    /** Ends it as a crash does. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(60));
    }

    /** Types a line on its standard input. */
    void type(String line) {
        try {
            Writer input = process.outputWriter(StandardCharsets.UTF_8);
            input.write(line + "\n");
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    static Path root() {
        return ROOT;
    }

    static Path golden(String folder) {
        return ROOT.resolve("engine/core/src/test/golden").resolve(folder);
    }

    static Path demoModel() {
        return ROOT.resolve("deploy/demo-model");
    }

    static Path evaluation() {
        return ROOT.resolve("deploy/src/test/eval");
    }

    /** A folder of its own below the build's, which nothing is in yet. */
    static Path freshFolder(String name) {
        try {
            Path parent = Files.createDirectories(ROOT.resolve("deploy/target/system-tests"));
            return Files.createTempDirectory(parent, name + "-data-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            terminate();
            awaitExit(Duration.ofSeconds(60));
            assertTrue(exitCode() == 0 || exitCode() == 143, "exit code " + exitCode() + ":\n" + output());
        }
    }
}
