package io.tandem.hub;

/** A model that can't be had from the hub or its cache; the message says what to do about it. */
public final class HubException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HubException(String message) {
        super(message);
    }

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
