package io.tandem.cache;

import java.util.Arrays;
import java.util.HexFormat;

/** The SHA-256 name of an immutable cached value: equal keys, equal values. Immutable. */
public final class ContentKey {
    /** Length of every key in bytes. */
    public static final int LENGTH = 32;

    private final byte[] digest;

    private ContentKey(byte[] digest) {
        this.digest = digest;
    }

    /**
     * Wraps a copy of a digest.
     *
     * @param digest 32 bytes
     * @throws IllegalArgumentException if the length differs
     */
    public static ContentKey of(byte[] digest) {
        if (digest.length != LENGTH) {
            throw new IllegalArgumentException("a content key has " + LENGTH + " bytes, this one has " + digest.length);
        }
        return new ContentKey(digest.clone());
    }

    /** Returns a fresh copy of the 32 bytes. */
    public byte[] toBytes() {
        return digest.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContentKey that && Arrays.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    /** Returns 64 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(digest);
    }
}
