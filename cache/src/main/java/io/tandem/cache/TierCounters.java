package io.tandem.cache;

import java.util.concurrent.atomic.LongAdder;

/** Counts what happens in one tier. Thread-safe; owned by the tier. */
final class TierCounters {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder readNanos = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder bytesWritten = new LongAdder();
    private final LongAdder writeNanos = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder skipped = new LongAdder();

    /** Counts a read that found so many bytes. */
    void hit(long bytes, long nanos) {
        hits.increment();
        bytesRead.add(bytes);
        readNanos.add(nanos);
    }

    /** Counts a read that found nothing of use. */
    void miss(long nanos) {
        misses.increment();
        readNanos.add(nanos);
    }

    /** Counts a write of so many bytes. */
    void written(long bytes, long nanos) {
        writes.increment();
        bytesWritten.add(bytes);
        writeNanos.add(nanos);
    }

    /** Counts a read or a write that failed. */
    void failed() {
        errors.increment();
    }

    /** Counts a write that was given up. */
    void skipped() {
        skipped.increment();
    }

    /** Everything counted so far, beside what is held now. */
    TierStatistics statistics(long bytesHeld) {
        return new TierStatistics(
                bytesHeld,
                hits.sum(),
                misses.sum(),
                bytesRead.sum(),
                readNanos.sum(),
                writes.sum(),
                bytesWritten.sum(),
                writeNanos.sum(),
                errors.sum(),
                skipped.sum());
    }
}
