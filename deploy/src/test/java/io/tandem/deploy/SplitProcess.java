package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged apps as {@code ./run --split} runs them, with the demo checkpoint. Owned by the test that started it. */
final class SplitProcess implements AutoCloseable {

    /** Of a start under load, on a machine that does other things too. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Pattern READY = Pattern.compile(
            "(?m)^(([a-z]+)-\\d+) is ready: ([^,\\s]+)(?:, probes and metrics at port (\\d+))?, process (\\d+)$");
    /** Eight processes share a small machine. */
    private static final Map<String, String> SMALL = Map.of("JAVA_OPTS", "-Xmx320m -XX:+UseSerialGC");

    private final TandemProcess supervisor;

    private SplitProcess(TandemProcess supervisor) {
        this.supervisor = supervisor;
    }

    /**
     * A process of a role, as the supervisor announced it.
     *
     * @param address {@code host:port} of its service
     * @param operationsPort null where a role has no probes
     */
    record Member(String name, String role, String address, String operationsPort, long pid) {

        Api operations() {
            return new Api("http://127.0.0.1:" + Objects.requireNonNull(operationsPort, name + " has no metrics"));
        }

        /** Sends a signal. */
        void signal(boolean kill) {
            ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
            if (!(kill ? process.destroyForcibly() : process.destroy())) {
                fail(name + " could not be ended");
            }
        }
    }

    static SplitProcess start(String name, String... options) {
        return start(name, Map.of(), options);
    }

    /** As {@link #start(String, String...)}, with additional environment variables. */
    static SplitProcess start(String name, Map<String, String> environment, String... options) {
        Map<String, String> variables = new LinkedHashMap<>(SMALL);
        variables.putAll(environment);
        List<String> all = new ArrayList<>(List.of("--split", "--threads", "1"));
        all.addAll(List.of(options));
        SplitProcess split = new SplitProcess(
                TandemProcess.start(name, TandemProcess.demoModel().toString(), variables, all.toArray(String[]::new)));
        split.awaitOutput("Tandem serves");
        return split;
    }

    Api api() {
        return supervisor.api();
    }

    TandemProcess supervisor() {
        return supervisor;
    }

    /** The processes of a role that are alive, in the order of their start. */
    List<Member> members(String role) {
        Map<String, Member> members = new LinkedHashMap<>();
        Matcher line = READY.matcher(supervisor.output());
        while (line.find()) {
            members.put(
                    line.group(1),
                    new Member(
                            line.group(1), line.group(2), line.group(3), line.group(4), Long.parseLong(line.group(5))));
        }
        return members.values().stream()
                .filter(member -> member.role().equals(role))
                .filter(member -> ProcessHandle.of(member.pid()).isPresent())
                .toList();
    }

    /** The only process of a role, or its first. */
    Member first(String role) {
        return members(role).getFirst();
    }

    /** Waits until a process was started again. */
    void awaitSuccessor(Member old) {
        Eventually.holds(PATIENCE, old.name() + " back", () -> members(old.role()).stream()
                .anyMatch(member -> member.name().equals(old.name()) && member.pid() != old.pid()));
    }

    /** Gives a command and waits for what the supervisor says when it is done. */
    void command(String command, String done) {
        int before = occurrences(done);
        supervisor.type(command);
        Eventually.holds(PATIENCE, "done: " + command, () -> occurrences(done) > before);
    }

    private void awaitOutput(String text) {
        Eventually.holds(PATIENCE, "said: " + text, () -> occurrences(text) > 0);
    }

    private int occurrences(String text) {
        return supervisor.output().split(Pattern.quote(text), -1).length - 1;
    }

    /** The sum of a metric over all processes of a role. */
    double metric(String role, String name) {
        return members(role).stream()
                .mapToDouble(member -> member.operations().metric(name))
                .sum();
    }

    /** The sum over those of its labels that hold a text. */
    double metric(String role, String name, String label) {
        return members(role).stream()
                .mapToDouble(member -> member.operations().metric(name, label))
                .sum();
    }

    @Override
    public void close() {
        supervisor.close();
    }
}
