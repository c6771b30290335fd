package io.tandem.cache;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of a cluster beside that of the test. Owned by one test; used by one thread. */
final class ClusterMember implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private ClusterMember(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /** Settings of a member at this port: chunks of 4 KB, 8 MB, two owners. */
    static CacheConfig config(int port, List<Integer> ports) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "tandem.cache.mode", "cluster",
                "tandem.cache.max-size", "8M",
                "tandem.cache.chunk-size", "4K",
                "tandem.cache.in-flight", "16K",
                "tandem.cache.timeout", "PT20S",
                "tandem.cache.cluster.port", Integer.toString(port)));
        settings.put(
                "tandem.cache.cluster.initial-hosts",
                String.join(
                        ",", ports.stream().map(other -> "127.0.0.1:" + other).toList()));
        return States.config(settings);
    }

    /** The values that members write under a number. */
    static float[] values(int number) {
        return States.values(200, 64, number);
    }

    /** Starts a process that joins, writes the states from {@code first} to before {@code end}, and stays. */
    static ClusterMember launch(int port, List<Integer> ports, int first, int end) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.logging.config.file=" + System.getProperty("java.util.logging.config.file"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ClusterMember.class.getName(),
                Integer.toString(port),
                String.join(
                        ",",
                        ports.stream().map(other -> Integer.toString(other)).toList()),
                Integer.toString(first),
                Integer.toString(end)));
        ClusterMember member = new ClusterMember(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        String line = member.output.readLine();
        if (!"ready".equals(line)) {
            member.close();
            throw new IOException("the member did not start; it said: " + line);
        }
        return member;
    }

    /** Runs a member until its input ends. */
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        List<Integer> ports =
                List.of(arguments[1].split(",")).stream().map(Integer::valueOf).toList();
        try (StateStore store = StateStores.open(config(port, ports))) {
            for (int number = Integer.parseInt(arguments[2]); number < Integer.parseInt(arguments[3]); number++) {
                States.write(store, States.key(number), values(number), 64);
            }
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // Nothing is said to members; they stay until the test lets them go.
                continue;
            }
        }
    }

    /** Ends the process without a chance to say anything, kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Lets the member leave; returns its exit code. */
    int leave() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the member has not left within 30 s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
