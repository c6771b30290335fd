package io.tandem.gateway.batches;

import io.tandem.gateway.files.FileId;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far a batch is. Immutable.
 *
 * @param status now
 * @param since when each state was entered
 * @param counts of its lines
 * @param errors why it failed
 * @param output where its answers go; reserved when its files are begun
 */
public record BatchState(
        BatchStatus status,
        Map<BatchStatus, Instant> since,
        Counts counts,
        List<LineError> errors,
        Optional<Output> output) {

    /** Of a batch that was just made. */
    static final BatchState NEW =
            new BatchState(BatchStatus.VALIDATING, Map.of(), Counts.NONE, List.of(), Optional.empty());

    /** Keeps its own copies. */
    public BatchState {
        since = Map.copyOf(since);
        errors = List.copyOf(errors);
    }

    /**
     * Lines.
     *
     * @param total of the input
     * @param completed answered well
     * @param failed answered with an error
     */
    public record Counts(int total, int completed, int failed) {

        static final Counts NONE = new Counts(0, 0, 0);
    }

    /**
     * The files that answers go to; only those that hold anything are made.
     *
     * @param answers of lines that went well
     * @param errors of lines that did not
     */
    public record Output(FileId answers, FileId errors) {}

    BatchState entered(BatchStatus next, Instant now) {
        Map<BatchStatus, Instant> times = new EnumMap<>(BatchStatus.class);
        times.putAll(since);
        times.put(next, now);
        return new BatchState(next, times, counts, errors, output);
    }

    BatchState counted(Counts newCounts) {
        return new BatchState(status, since, newCounts, errors, output);
    }

    BatchState refused(List<LineError> reasons) {
        return new BatchState(status, since, counts, reasons, output);
    }

    BatchState into(Output files) {
        return new BatchState(status, since, counts, errors, Optional.of(files));
    }
}
