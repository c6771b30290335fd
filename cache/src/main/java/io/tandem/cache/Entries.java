package io.tandem.cache;

/**
 * Byte arrays under byte-array keys, wherever they are kept; an entry may vanish at any time. Safe for any number of
 * threads; owned and closed by one {@link ChunkedStateStore}.
 *
 * <p>Operations that return a {@link Reply} are only begun, so that several can be under way. Every method and every
 * reply may throw {@link StoreUnavailableException}, within the time-out of the settings, and, once the entries are
 * closed, {@link IllegalStateException}.
 */
interface Entries extends AutoCloseable {
    /** Asks for a copy of the value, or null, and marks it as used. */
    Reply<byte[]> get(byte[] key);

    /** Asks whether an entry is there, and marks it as used. */
    Reply<Boolean> touch(byte[] key);

    /** Stores a copy of the value, which must not change before the reply is there. */
    Reply<Void> put(byte[] key, byte[] value);

    /** Removes an entry if there is one; does nothing once closed. */
    Reply<Void> remove(byte[] key);

    /** Stores a manifest if there is none; returns another that is there instead, or null. */
    byte[] putManifest(byte[] key, byte[] encoded);

    /** Removes a manifest if it is this very one; returns whether it was. */
    boolean removeManifest(byte[] key, byte[] encoded);

    /** Throws {@link StoreUnavailableException} during an outage, so that nothing is computed in vain. */
    void requireReachable();

    /** What this process knows of the entries held. */
    Holdings holdings();

    /** Chunks worth asking for before they are read: 0 where they are at hand. */
    int readAhead();

    @Override
    void close();

    /**
     * What is held at one moment.
     *
     * @param states manifests, 0 where they are not counted in this process
     * @param bytes memory of this process taken by keys, values, overhead and the hash table
     * @param evictions entries dropped to make room, as far as this process learns of them
     */
    record Holdings(long states, long bytes, long evictions) {
        /** Of entries that another process holds. */
        static final Holdings ELSEWHERE = new Holdings(0, 0, 0);
    }
}
