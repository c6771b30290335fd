package io.tandem.cache;

/** Says that a state can't be held, because it alone would fill the store. */
public final class StateTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long bytes;
    private final long limit;

    /**
     * Names both numbers and the setting.
     *
     * @param bytes what the state would take, in bytes
     * @param limit what one state may take, in bytes
     */
    public StateTooLargeException(long bytes, long limit) {
        super("state takes " + bytes + " bytes, the cache holds states of " + limit
                + " bytes (three quarters of tandem.cache.max-size); raise tandem.cache.max-size");
        this.bytes = bytes;
        this.limit = limit;
    }

    /** What the state would take, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** What one state may take, in bytes. */
    public long limit() {
        return limit;
    }
}
