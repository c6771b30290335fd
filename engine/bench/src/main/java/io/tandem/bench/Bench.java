package io.tandem.bench;

import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.RandomWeights;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.ModelShapes;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.Engine;
import java.io.Console;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code ./run bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures how fast a model encodes and decodes here, beside what the machine could do at most.")
public final class Bench implements Callable<Integer> {

    @ArgGroup(multiplicity = "1")
    private Weights weights;

    /** Where the weights come from. */
    private static final class Weights {
        @Option(names = "--shape", paramLabel = "NAME", description = "random weights in memory: 270m, 1b or 4b")
        private String shape;

        @Option(names = "--model", paramLabel = "DIR", description = "a checkpoint folder")
        private Path model;
    }

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "threads; one a core unless given")
    private int threads;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "cpu", description = "cpu (default) or reference")
    private String backend;

    @Option(
            names = "--encode",
            paramLabel = "TOKENS",
            split = ",",
            defaultValue = "128,512,2048,8192",
            description = "lengths to encode; ${DEFAULT-VALUE} unless given")
    private List<Integer> lengths;

    @Option(
            names = "--batch",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8",
            description = "batch sizes to decode with; ${DEFAULT-VALUE} unless given")
    private List<Integer> batches;

    @Option(
            names = "--copy",
            paramLabel = "FILE",
            description = "also measure prompt lookup on the copying questions of an evaluation set, with --model")
    private Path copyCases;

    @Option(names = "--json", description = "one JSON object a line")
    private boolean json;

    private Bench() {}

    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit code. */
    static int run(String... arguments) {
        return new CommandLine(new Bench())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof IllegalArgumentException || failure instanceof CheckpointException) {
                        command.getErr().println(failure.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw failure;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        if (copyCases != null && (weights.model == null || !Files.isReadable(copyCases))) {
            throw new IllegalArgumentException("--copy needs --model and a file that can be read, not " + copyCases);
        }
        Report report = new Report(System.out, json, isTerminal());
        try (Engine engine = load(report)) {
            int maxEncoder = engine.config().encoder().maxPositions();
            new MachineMeasure(engine.threads()).run(report);
            EncodeMeasure encode = new EncodeMeasure(engine);
            for (int length : lengths) {
                if (length > maxEncoder) {
                    report.note("encode " + length + " left out: the model takes " + maxEncoder + " tokens at most");
                } else {
                    encode.run(length, report);
                }
            }
            DecodeMeasure decode = new DecodeMeasure(engine);
            for (int batch : batches) {
                decode.run(batch, report);
            }
            CopyMeasure copy = new CopyMeasure(engine);
            copy.whole(report);
            if (copyCases != null) {
                copy.cases(weights.model, copyCases, report);
            }
            MemoryMeasure.run(engine, report);
        }
        return CommandLine.ExitCode.OK;
    }

    private Engine load(Report report) {
        Ops ops = Backends.open(backend, threads);
        try (WeightSource source = open()) {
            return Engine.load(source, ops, EnumSet.of(Part.ENCODER, Part.DECODER), report::loading);
        }
    }

    private WeightSource open() {
        return weights.model == null
                ? RandomWeights.of(ModelShapes.named(weights.shape), 1)
                : Checkpoint.open(weights.model);
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
