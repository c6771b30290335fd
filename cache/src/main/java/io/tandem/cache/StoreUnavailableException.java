package io.tandem.cache;

/** Says that the place where states are kept can't be reached now; the same call may work a moment later. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Names what can't be reached, and why as far as it is known. */
    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
