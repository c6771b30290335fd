package io.tandem.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged app of one role in a process of its own, without a supervisor. Owned by the test that started it. */
final class RoleProcess implements AutoCloseable {

    private final Process process;
    private final Path log;
    private final Api api;

    private RoleProcess(Process process, Path log, Api api) {
        this.process = process;
        this.log = log;
        this.api = api;
    }

    /**
     * Starts an app on a free port; it may take a while until it is ready.
     *
     * @param module that it is built in
     * @param settings each as {@code key=value}
     */
    static RoleProcess start(String name, String module, String... settings) {
        try {
            Path log = Files.createDirectories(TandemProcess.root().resolve("deploy/target/system-tests"))
                    .resolve(name + ".log");
            int port = TandemProcess.freePort();
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of(System.getProperty("tandem.jvm.flags").trim().split("\\s+")));
            command.addAll(List.of("-Xmx256m", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port=" + port));
            List.of(settings).forEach(setting -> command.add("-D" + setting));
            command.add("-jar");
            command.add(TandemProcess.root()
                    .resolve(module)
                    .resolve("target/quarkus-app/quarkus-run.jar")
                    .toString());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new RoleProcess(process, log, new Api("http://127.0.0.1:" + port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Api api() {
        return api;
    }

    /** What it wrote to standard output and standard error. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the app did not end within a minute:\n" + output());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
