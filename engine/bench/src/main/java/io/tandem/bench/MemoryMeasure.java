package io.tandem.bench;

import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.checkpoint.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The most memory that the process had at any time, where the system tells it, beside the weights. Mutable; used by the one thread
 * that runs the bench.
 */
final class MemoryMeasure {

    private static final Path STATUS = Path.of("/proc/self/status");
    /** Forgets the peak; see proc_pid_clear_refs(5). */
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private static final String CLEAR_PEAK = "5";

    private long parameters;
    private long weightBytes;
    private long loadingPeak;
    private long runningPeak;

    private MemoryMeasure() {}

    /** @param vision whether the vision tower is loaded */
    static MemoryMeasure of(WeightSource source, boolean vision) {
        MemoryMeasure memory = new MemoryMeasure();
        for (String name : TensorNames.shapes(source.config()).keySet()) {
            if (vision || !(name.startsWith("vision.") || name.startsWith("projector."))) {
                StoredTensor tensor = source.tensor(name);
                memory.parameters += tensor.elements();
                memory.weightBytes += tensor.data().byteSize();
            }
        }
        return memory;
    }

    /** Says that the weights are loaded: from here on it is the running model that takes memory. */
    void loaded() {
        if (canForget()) {
            loadingPeak = peakBytes();
            forget();
        }
    }

    /** Runs something whose memory is the bench's own and doesn't count. */
    <T> T apart(Supplier<T> run) {
        if (!canForget()) {
            return run.get();
        }
        runningPeak = Math.max(runningPeak, peakBytes());
        try {
            return run.get();
        } finally {
            forget();
        }
    }

    private static boolean canForget() {
        return Files.isReadable(STATUS) && Files.isWritable(CLEAR);
    }

    private static void forget() {
        try {
            Files.writeString(CLEAR, CLEAR_PEAK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void run(Report report) {
        if (!Files.isReadable(STATUS)) {
            report.note("memory left out: this system has no " + STATUS);
            return;
        }
        runningPeak = Math.max(runningPeak, peakBytes());
        report.result(
                "memory",
                "parameters",
                parameters,
                "peak_gb",
                Report.rounded(Math.max(loadingPeak, runningPeak) / 1e9),
                "weights_gb",
                Report.rounded(weightBytes / 1e9),
                "running_peak_gb",
                Report.rounded(runningPeak / 1e9));
    }

    private static long peakBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException(STATUS + " has no VmHWM");
    }
}
