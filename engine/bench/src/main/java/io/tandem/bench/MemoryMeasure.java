package io.tandem.bench;

import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.runner.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The most memory that the process had at any time, where the system tells it. */
final class MemoryMeasure {

    private static final Path STATUS = Path.of("/proc/self/status");

    private MemoryMeasure() {}

    static void run(Engine engine, Report report) {
        if (!Files.isReadable(STATUS)) {
            report.note("memory left out: this system has no " + STATUS);
            return;
        }
        long weights = TensorNames.shapes(engine.config()).values().stream()
                .mapToLong(shape -> Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b))
                .sum();
        report.result("memory", "parameters", weights, "peak_gb", Report.rounded(peakBytes() / 1e9));
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
