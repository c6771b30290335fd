package io.tandem.cache;

import io.tandem.cache.server.CacheServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server node as a process of its own, as it is in production. Owned by one test; used by one thread. */
final class NodeProcess implements AutoCloseable {
    private final String classPath;
    private final List<String> options;
    private final int port;
    private Process process;

    private NodeProcess(String classPath, int port, List<String> options) {
        this.classPath = classPath;
        this.port = port;
        this.options = options;
    }

    /** Starts a node on a free port, with these options besides. */
    static NodeProcess launch(String... options) throws IOException {
        return launch(
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                List.of(options));
    }

    /** Starts a node from this class path. */
    static NodeProcess launch(String classPath, List<String> options) throws IOException {
        NodeProcess node = new NodeProcess(classPath, freePort(), options);
        node.start();
        return node;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts the node again, empty and on the same port; returns once it is ready. */
    void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                classPath,
                CacheServer.class.getName(),
                "--port",
                Integer.toString(port)));
        command.addAll(options);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        if (line == null || !line.equals("Tandem cache server ready on " + address())) {
            process.destroyForcibly();
            throw new IOException("the node did not start; it said: " + line);
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Settings of a client of this node. */
    CacheConfig client(Map<String, String> more) {
        return client(List.of(this), more);
    }

    /** Settings of a client of these nodes: chunks of 4 KB, time-outs of 2 s. */
    static CacheConfig client(List<NodeProcess> nodes, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "tandem.cache.mode", "server",
                "tandem.cache.servers",
                        String.join(
                                ",", nodes.stream().map(NodeProcess::address).toList()),
                "tandem.cache.max-size", "8M",
                "tandem.cache.chunk-size", "4K",
                "tandem.cache.in-flight", "16K",
                "tandem.cache.timeout", "PT2S",
                "tandem.cache.retry-after", "PT0.2S"));
        settings.putAll(more);
        return States.config(settings);
    }

    /** Ends the process without a chance to say anything, kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Sends a signal, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Asks the process to end; returns its exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the node has not ended 20 s after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
