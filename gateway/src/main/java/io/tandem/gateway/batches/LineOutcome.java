package io.tandem.gateway.batches;

/** What became of a line that was to be answered. */
public enum LineOutcome {
    /** It was answered well, and its answer is durable. */
    COMPLETED,
    /** It was answered with an error, which is durable. */
    FAILED,
    /** It has no answer: its batch was cancelled or has expired, or the process stops. */
    ABANDONED;

    static LineOutcome of(LineResult result) {
        return result.succeeded() ? COMPLETED : FAILED;
    }
}
