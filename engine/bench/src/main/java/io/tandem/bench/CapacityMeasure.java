package io.tandem.bench;

import io.tandem.bench.capacity.Result;
import io.tandem.bench.capacity.Scenario;
import io.tandem.bench.capacity.ScenarioFile;
import io.tandem.bench.capacity.Simulation;
import io.tandem.bench.capacity.Trace;
import io.tandem.bench.capacity.Traces;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Simulates an installation and reports how it does. */
final class CapacityMeasure {

    private final Scenario scenario;

    /** @throws IllegalArgumentException if the scenario is wrong; the message names the field */
    CapacityMeasure(Optional<Path> file, Map<String, String> changes) {
        scenario = ScenarioFile.read(file, changes);
    }

    /** Reports hits, waits, use, and the course of the run. */
    void run(Report report) {
        report.progress("Drawing " + scenario.workload().requests() + " requests");
        Trace trace = Traces.of(scenario.workload(), scenario.seed());
        report.progress("Simulating " + trace.requests().size() + " requests");
        long start = System.nanoTime();
        Result result = Simulation.run(scenario, trace);
        double took = (System.nanoTime() - start) / 1e9;
        throughput(result, took, report);
        hits(result, report);
        waits("queue", result.waits().queue(), report);
        waits("first", result.waits().firstToken(), report);
        waits("answer", result.waits().answer(), report);
        use(result, report);
        for (Result.Slice slice : result.slices()) {
            report.result(
                    "slice",
                    "from_seconds",
                    Report.rounded(slice.fromSeconds()),
                    "decoders",
                    slice.decoders(),
                    "arrivals",
                    slice.arrivals(),
                    "queue_p50_seconds",
                    Report.rounded(slice.queue().p50()),
                    "queue_p99_seconds",
                    Report.rounded(slice.queue().p99()),
                    "documents_resident",
                    Report.rounded(slice.resident()));
        }
    }

    private void throughput(Result result, double took, Report report) {
        report.result(
                "capacity",
                "requests",
                result.answered(),
                "seconds",
                Report.rounded(result.pace().seconds()),
                "requests_per_second",
                Report.rounded(result.pace().requests()),
                "tokens_per_second",
                Report.rounded(result.pace().tokens()),
                "simulated_in_seconds",
                Report.rounded(took));
    }

    private void hits(Result result, Report report) {
        Result.Hits documents = result.documents();
        double all = documents.resident() + documents.loading() + documents.absent();
        report.result(
                "hits",
                "documents_resident",
                Report.rounded(documents.rate()),
                "documents_loading",
                Report.rounded(documents.loading() / all),
                "documents_fetched",
                Report.rounded(documents.absent() / all),
                "cache",
                Report.rounded(result.reading().hitRate()),
                "encodes_per_document",
                Report.rounded(result.reading().encodesPerDocument()));
    }

    private void waits(String measure, Result.Spread spread, Report report) {
        report.result(
                measure,
                "mean_seconds",
                Report.rounded(spread.mean()),
                "p50_seconds",
                Report.rounded(spread.p50()),
                "p99_seconds",
                Report.rounded(spread.p99()));
    }

    private void use(Result result, Report report) {
        report.result(
                "use",
                "decoders",
                Report.rounded(result.use().decoders()),
                "decoders_busy",
                Report.rounded(result.use().busy()),
                "places_taken",
                Report.rounded(result.use().places()),
                "rows_a_step",
                Report.rounded(result.use().rows()),
                "encoders_busy",
                Report.rounded(result.reading().busy()));
    }
}
