package io.tandem.engine;

import java.util.Objects;

/** A request that can't be answered as it stands; the message and the field go to the client. */
public final class InvalidInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String field;

    /**
     * @param field the request's field at fault, as the public API names it, such as {@code images[0]}
     * @param message what is wrong with it, with both numbers and the setting to change where there are any
     */
    public InvalidInputException(String field, String message) {
        super(Objects.requireNonNull(message));
        this.field = Objects.requireNonNull(field);
    }

    /**
     * As {@link #InvalidInputException(String, String)}, with what led to it.
     *
     * @param cause the failure underneath, kept for the log
     */
    public InvalidInputException(String field, String message, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.field = Objects.requireNonNull(field);
    }

    /** The request's field at fault, as the public API names it. */
    public String field() {
        return field;
    }
}
