package io.tandem.cache;

/**
 * What a tier holds now and what happened since it was opened. Immutable.
 *
 * @param bytesHeld memory, or disk, that it takes, in bytes; 0 where another process holds it
 * @param hits reads that found what they asked for: an entry (chunk or manifest), on disk a state
 * @param misses reads that did not
 * @param bytesRead of what was found
 * @param readNanos that threads waited for reads
 * @param writes of entries, on disk of states
 * @param bytesWritten by them
 * @param writeNanos that threads waited for writes
 * @param errors reads and writes that failed
 * @param skipped writes that were given up because others were waiting; on disk only
 */
record TierStatistics(
        long bytesHeld,
        long hits,
        long misses,
        long bytesRead,
        long readNanos,
        long writes,
        long bytesWritten,
        long writeNanos,
        long errors,
        long skipped) {}
