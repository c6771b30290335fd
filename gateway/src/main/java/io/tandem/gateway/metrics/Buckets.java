package io.tandem.gateway.metrics;

import java.time.Duration;
import java.util.stream.DoubleStream;

/** Bounds of histograms: those that OpenTelemetry's conventions for generative AI and vLLM agree on, so that figures can be compared. */
final class Buckets {

    /** Of the time to the first token, in seconds; vLLM's, which go further up than the conventions'. */
    static final Duration[] TIME_TO_FIRST_TOKEN = seconds(
            0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160);

    /** Of the time between tokens; finer at the low end than the others' bounds, where a small model on a CPU already is. */
    static final Duration[] TIME_PER_TOKEN = seconds(
            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10);

    /** Of a request's time under vLLM's name; theirs begin at 0.3 s. */
    static final Duration[] REQUEST =
            seconds(0.01, 0.03, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960);

    /** Of a request's time under the conventions' name. */
    static final Duration[] OPERATION =
            seconds(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);

    /** Of a request's tokens. */
    static final double[] TOKENS = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144};

    private Buckets() {}

    private static Duration[] seconds(double... bounds) {
        return DoubleStream.of(bounds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
                .toArray(Duration[]::new);
    }
}
