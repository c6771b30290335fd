package io.tandem.engine.checkpoint;

/** A checkpoint that can't be served; the message names the file and the key or tensor at fault. */
public final class CheckpointException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CheckpointException(String message) {
        super(message);
    }

    /** As {@link #CheckpointException(String)}, with the failure underneath. */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
