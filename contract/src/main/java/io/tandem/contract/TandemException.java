package io.tandem.contract;

import java.util.Objects;
import java.util.Optional;

/** A failure that has its place in {@link ErrorCode}, on either side of the wire. */
public class TandemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String param;

    /**
     * @param code its row in the table
     * @param param the public request's field at fault, or null
     * @param message for the client: no internals
     */
    public TandemException(ErrorCode code, String param, String message) {
        this(code, param, message, null);
    }

    /**
     * As {@link #TandemException(ErrorCode, String, String)}, with what led to it.
     *
     * @param cause for the log, never for the client
     */
    public TandemException(ErrorCode code, String param, String message, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.code = Objects.requireNonNull(code);
        this.param = param;
    }

    /** Its row in the table. */
    public final ErrorCode code() {
        return code;
    }

    /** The public request's field at fault. */
    public final Optional<String> param() {
        return Optional.ofNullable(param);
    }
}
