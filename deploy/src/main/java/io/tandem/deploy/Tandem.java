package io.tandem.deploy;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.tandem.deploy.split.Split;
import io.tandem.deploy.split.SplitOptions;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.runner.Backends;
import io.tandem.hub.Hub;
import io.tandem.hub.HubException;
import io.tandem.hub.ModelSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the all-in-one app: reads the command line, checks what it names, and starts every role in this process. */
@QuarkusMain
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Serves a T5Gemma 2 checkpoint over an OpenAI-style API.")
public final class Tandem implements Callable<Integer> {

    /** Folder of the demo checkpoint, which the launcher knows. */
    private static final String DEMO_MODEL = "tandem.demo-model";

    private static final int DEFAULT_DECODERS = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "checkpoint folder, or OWNER/NAME[@REVISION] on the Hugging Face hub; the demo checkpoint unless given")
    private String model;

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "branch, tag or commit of a model on the hub; main unless given")
    private String revision;

    @Option(
            names = "--served-model-name",
            paramLabel = "NAME",
            description = "model id; the folder's name, or OWNER/NAME, unless given")
    private String servedModelName;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "address to listen on; ${DEFAULT-VALUE} unless given")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "HTTP port; ${DEFAULT-VALUE} unless given")
    private int port;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "threads that compute; one a core unless given")
    private int threads;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "cpu", description = "cpu (default) or reference")
    private String backend;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description = "text, or json: one object a line, and one line for each request")
    private LogFormat logFormat;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "folder that uploaded files and batches are kept in; ~/.local/state/tandem unless given")
    private Path data;

    /** How log lines look. */
    private enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "stored",
            description = "stored (default), or int8: half of bf16's memory and time a token, and an approximation")
    private String weights;

    @Option(names = "--split", description = "a process for each role, which is started again when it ends")
    private boolean split;

    @Option(names = "--caches", paramLabel = "N", description = "nodes of the split mode's cache; 1 unless given")
    private Integer caches;

    @Option(names = "--encoders", paramLabel = "N", description = "encoders of the split mode; 1 unless given")
    private Integer encoders;

    @Option(names = "--decoders", paramLabel = "N", description = "decoders of the split mode; 2 unless given")
    private Integer decoders;

    /** Starts the app and ends the process with its exit code. */
    public static void main(String... arguments) {
        int code = new CommandLine(new Tandem())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof CheckpointException || failure instanceof HubException) {
                        command.getErr().println("Cannot serve this checkpoint: " + failure.getMessage());
                        return CommandLine.ExitCode.SOFTWARE;
                    }
                    throw failure;
                })
                .execute(arguments);
        // A running app has taken over this thread until it ended; what comes here did not start, or has stopped.
        System.exit(code);
    }

    @Override
    public Integer call() throws IOException {
        refuseWrongNumbers();
        ModelSource source = source();
        Path folder = Hub.folder(source, ModelConfig::read, System.err::println);
        // Before anything is started, so that a broken checkpoint is named within moments and without a stack trace.
        Checkpoint.open(folder).close();
        String name = servedModelName == null ? source.name() : servedModelName;
        return split ? runSplit(folder, name) : runTogether(folder, name);
    }

    private int runSplit(Path folder, String name) {
        if (logFormat != null) {
            throw new ParameterException(
                    spec.commandLine(), "--log-format is not for --split, whose lines say whose they are");
        }
        return new Split(new SplitOptions(
                        folder,
                        name,
                        new SplitOptions.Compute(threads, backend, weights),
                        new SplitOptions.Front(host, port, files()),
                        new SplitOptions.Counts(
                                orElse(caches, 1), orElse(encoders, 1), orElse(decoders, DEFAULT_DECODERS))))
                .run();
    }

    private int runTogether(Path folder, String name) throws IOException {
        String loopback = "127.0.0.1:" + freePort();
        set("tandem.engine.model", folder);
        // A folder has none, whatever the environment says.
        set("tandem.engine.revision", "");
        set("tandem.engine.threads", threads);
        set("tandem.engine.backend", backend);
        set("tandem.engine.weights", weights);
        set("tandem.gateway.served-model-names", name.replace(",", "\\,"));
        set("tandem.gateway.vision", loopback);
        set("tandem.gateway.encoder", loopback);
        set("tandem.gateway.decoders", loopback);
        set("quarkus.grpc.server.port", loopback.substring(loopback.indexOf(':') + 1));
        set("quarkus.http.host", host);
        set("quarkus.http.port", port);
        files().ifPresent(files -> set("tandem.gateway.files.path", files));
        if (logFormat != null) {
            set("tandem.log.format", logFormat);
            set("tandem.log.access", logFormat == LogFormat.JSON);
        }
        int[] code = {CommandLine.ExitCode.OK};
        Quarkus.run(
                Announcement.class,
                (exitCode, failure) -> {
                    code[0] = exitCode;
                    if (failure != null) {
                        // A wrong setting fails before there is a log.
                        spec.commandLine().getErr().println("Tandem can't start: " + reasons(failure));
                    }
                },
                name);
        return code[0];
    }

    /** What failed and why: the first of these is the framework's, the last one names what to mend. */
    private static String reasons(Throwable failure) {
        StringJoiner reasons = new StringJoiner(": ");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            reasons.add(cause.getMessage() == null ? cause.toString() : cause.getMessage());
        }
        return reasons.toString();
    }

    private ModelSource source() {
        String named = model == null ? System.getProperty(DEMO_MODEL) : model;
        if (named == null) {
            throw new ParameterException(
                    spec.commandLine(), "--model is needed: only the launcher ./run knows the demo checkpoint");
        }
        return ModelSource.of(named, Optional.ofNullable(revision));
    }

    private void refuseWrongNumbers() {
        if (port < 0 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port is " + port + ", must be from 0 to 65535");
        }
        requireProcesses("--caches", caches);
        requireProcesses("--encoders", encoders);
        requireProcesses("--decoders", decoders);
        if (threads < 0) {
            throw new ParameterException(spec.commandLine(), "--threads is " + threads + ", must not be negative");
        }
        if (!Backends.names().contains(backend)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--backend is " + backend + ", must be one of " + String.join(", ", Backends.names()));
        }
        if (!Backends.weightFormats().contains(weights)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights is " + weights + ", must be one of " + String.join(", ", Backends.weightFormats()));
        }
    }

    private void requireProcesses(String option, Integer count) {
        if (count != null && !split) {
            throw new ParameterException(spec.commandLine(), option + " is only for --split");
        }
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), option + " is " + count + ", must be at least 1");
        }
    }

    /** A port that nobody listens on: roles in one process find each other without being told. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static int orElse(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }

    private Optional<Path> files() {
        return Optional.ofNullable(data).map(folder -> folder.toAbsolutePath().resolve("files"));
    }

    /** A setting from the command line wins over environment and files. */
    private static void set(String key, Object value) {
        System.setProperty(key, value.toString());
    }
}
