package io.tandem.bench;

import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.RandomWeights;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.config.ModelShapes;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.WeightFormat;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.Engine;
import io.tandem.hub.Hub;
import io.tandem.hub.HubException;
import io.tandem.hub.ModelSource;
import java.io.Console;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
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

        @Option(
                names = "--model",
                paramLabel = "MODEL",
                description = "a checkpoint folder, or OWNER/NAME[@REVISION] on the Hugging Face hub")
        private String model;

        @Option(
                names = "--capacity",
                paramLabel = "FILE",
                arity = "0..1",
                fallbackValue = "",
                description =
                        "measures nothing: simulates the installation and the requests that a JSON file describes, or"
                                + " else a small one; docs/operations.md says how")
        private String capacity;
    }

    @Option(
            names = "--with",
            paramLabel = "FIELD=VALUE",
            description = "another value for a field of the file, such as decoders.count=1000, with --capacity")
    private Map<String, String> changes = new LinkedHashMap<>();

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "branch, tag or commit of a model on the hub; main unless given")
    private String revision;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "threads; one a core unless given")
    private int threads;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "cpu", description = "cpu (default) or reference")
    private String backend;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "STORED",
            description = "stored (default) or int8, which is an approximation")
    private WeightFormat format;

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
            names = "--absorbed",
            paramLabel = "TOKENS",
            split = ",",
            arity = "0..1",
            fallbackValue = "512,8192,32768",
            description =
                    "also decoding over one shared document of these lengths, ${FALLBACK-VALUE} unless given, with its"
                            + " keys and values and with its states as they are")
    private List<Integer> absorbed = List.of();

    @Option(
            names = "--vision",
            description = "also a picture; with --shape, of the tower that the released models have")
    private boolean vision;

    @Option(names = "--kernels", description = "also matrix products alone")
    private boolean kernels;

    @Option(names = "--operations", description = "also the share of each operation in what is measured")
    private boolean operations;

    @ArgGroup(exclusive = false)
    private PeerOptions peers;

    @Option(
            names = "--copy",
            paramLabel = "FILE",
            description = "also measure prompt lookup on the copying questions of an evaluation set, with --model")
    private Path copyCases;

    @Option(
            names = "--quality",
            paramLabel = "FILE",
            description = "also measure what int8 weights change on an evaluation set, with --model and --weights int8")
    private Path qualityCases;

    @Option(names = "--json", description = "one JSON object a line")
    private boolean json;

    private Bench() {}

    public static void main(String... arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit code. */
    static int run(String... arguments) {
        return new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof IllegalArgumentException
                            || failure instanceof CheckpointException
                            || failure instanceof HubException) {
                        command.getErr().println(failure.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw failure;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        if (weights.capacity != null) {
            Optional<Path> file = Optional.of(weights.capacity)
                    .filter(name -> !name.isEmpty())
                    .map(Path::of);
            new CapacityMeasure(file, changes).run(new Report(System.out, json, isTerminal()));
            return CommandLine.ExitCode.OK;
        }
        if (!changes.isEmpty()) {
            throw new IllegalArgumentException("--with needs --capacity");
        }
        if (copyCases != null && (weights.model == null || !Files.isReadable(copyCases))) {
            throw new IllegalArgumentException("--copy needs --model and a file that can be read, not " + copyCases);
        }
        if (revision != null && weights.model == null) {
            throw new IllegalArgumentException("--revision needs --model with OWNER/NAME on the hub");
        }
        if (qualityCases != null
                && (weights.model == null || format == WeightFormat.STORED || !Files.isReadable(qualityCases))) {
            throw new IllegalArgumentException(
                    "--quality needs --model, --weights int8 and a file that can be read, not " + qualityCases);
        }
        Optional<Path> folder = Optional.ofNullable(weights.model).map(this::download);
        Report report = new Report(System.out, json, isTerminal());
        Optional<List<Peer>> captured = Optional.ofNullable(peers)
                .filter(options -> options.checkpoint == null)
                .map(options -> Peers.read(options.folder));
        Engine engine;
        Breakdown breakdown = Breakdown.NONE;
        MemoryMeasure memory;
        MachineMeasure machineMeasure;
        StepBytes bytes;
        try (WeightSource source = open(folder)) {
            Ops ops = Backends.open(backend, threads, format);
            machineMeasure = new MachineMeasure(ops.threads());
            Machine machine = machineMeasure.run(report);
            if (kernels) {
                new KernelMeasure(ops, machine).run(report);
            }
            if (operations) {
                MeasuredOps measured = new MeasuredOps(ops);
                breakdown = new OperationShares(measured.times(), machine, report);
                ops = measured;
            }
            memory = MemoryMeasure.of(source, vision);
            bytes = StepBytes.of(source, format);
            engine = Engine.load(source, ops, parts(), report::loading);
        }
        int used = engine.threads();
        Map<String, Double> figures;
        try (engine) {
            memory.loaded();
            DoubleSupplier reads = () -> memory.apart(machineMeasure::readsNow);
            figures = measure(engine, new DecodeMeasure(engine, breakdown, bytes, reads), breakdown, report);
            CopyMeasure copy = new CopyMeasure(engine);
            copy.whole(report);
            if (copyCases != null) {
                copy.cases(folder.orElseThrow(), copyCases, report);
            }
            memory.run(report);
            if (qualityCases != null) {
                compareFormats(folder.orElseThrow(), engine, report);
            }
        }
        if (peers != null) {
            List<Peer> others =
                    captured.orElseGet(() -> Peers.run(peers.folder, peers.python, peers.checkpoint, used, report));
            new Comparison(figures, format, others).print(report);
        }
        return CommandLine.ExitCode.OK;
    }

    private void compareFormats(Path folder, Engine engine, Report report) {
        Ops ops = Backends.open(backend, threads);
        try (WeightSource source = open(Optional.of(folder));
                Engine stored = Engine.load(source, ops, parts(), report::loading)) {
            new QualityMeasure(stored, engine).run(EvaluationPrompts.read(folder, qualityCases, task -> true), report);
        }
    }

    private Set<Part> parts() {
        Set<Part> parts = EnumSet.of(Part.ENCODER, Part.DECODER);
        if (vision) {
            parts.add(Part.VISION);
        }
        return parts;
    }

    /** Measures what was asked for and returns the figures by measure. */
    private Map<String, Double> measure(Engine engine, DecodeMeasure decode, Breakdown breakdown, Report report) {
        Map<String, Double> figures = new LinkedHashMap<>();
        int maxEncoder = engine.config().encoder().maxPositions();
        EncodeMeasure encode = new EncodeMeasure(engine, breakdown);
        for (int length : lengths) {
            if (length > maxEncoder) {
                report.note("encode " + length + " left out: the model takes " + maxEncoder + " tokens at most");
            } else {
                figures.put("encode " + length, encode.run(length, report));
            }
        }
        for (int batch : batches) {
            figures.put("decode " + batch, decode.run(batch, report));
        }
        for (int length : absorbed) {
            new AbsorbedMeasure(engine, breakdown).run(length, batches, report);
        }
        if (vision && engine.hasVision()) {
            new VisionMeasure(engine, breakdown).run(report, figures);
        } else if (vision) {
            report.note("vision left out: the model reads no pictures");
        }
        return figures;
    }

    /** Lines about a download go where they don't mix with the figures. */
    private Path download(String model) {
        return Hub.folder(ModelSource.of(model, Optional.ofNullable(revision)), ModelConfig::read, System.err::println);
    }

    private WeightSource open(Optional<Path> folder) {
        return folder.isPresent()
                ? Checkpoint.open(folder.get())
                : RandomWeights.of(ModelShapes.named(weights.shape, vision), 1);
    }

    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
