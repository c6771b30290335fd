package io.tandem.cache;

/** Says that a state can't be held, because it alone is larger than the whole store. */
public final class StateTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long bytes;
    private final long limit;

    /**
     * Names both numbers and the setting.
     *
     * @param bytes what the state would take, in bytes
     * @param limit what the store has for states, in bytes
     */
    public StateTooLargeException(long bytes, long limit) {
        super("state takes " + bytes + " bytes, the cache holds " + limit + "; raise tandem.cache.max-bytes");
        this.bytes = bytes;
        this.limit = limit;
    }

    /** What the state would take, in bytes. */
    public long bytes() {
        return bytes;
    }

    /** What the store has for states, in bytes. */
    public long limit() {
        return limit;
    }
}
