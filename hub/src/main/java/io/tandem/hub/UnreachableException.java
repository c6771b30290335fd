package io.tandem.hub;

import java.time.Duration;
import java.util.Optional;

/** No answer, half an answer, or one that asks for patience: what may go well a little later. */
final class UnreachableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Null where the server named no time; an Optional can't be serialized. */
    private final Duration retryAfter;

    UnreachableException(String message, Throwable cause) {
        super(message, cause);
        this.retryAfter = null;
    }

    /** @param retryAfter how long the server asks to wait */
    UnreachableException(String message, Optional<Duration> retryAfter) {
        super(message);
        this.retryAfter = retryAfter.orElse(null);
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
