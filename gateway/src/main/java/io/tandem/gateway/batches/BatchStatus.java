package io.tandem.gateway.batches;

import java.util.Locale;

/** OpenAI's states of a batch. */
public enum BatchStatus {
    VALIDATING,
    FAILED,
    IN_PROGRESS,
    FINALIZING,
    COMPLETED,
    EXPIRED,
    CANCELLING,
    CANCELLED;

    /** Its name in the API. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether nothing will change any more. */
    public boolean isEnded() {
        return switch (this) {
            case FAILED, COMPLETED, EXPIRED, CANCELLED -> true;
            case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING -> false;
        };
    }
}
