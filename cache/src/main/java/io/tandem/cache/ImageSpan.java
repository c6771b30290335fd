package io.tandem.cache;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A run of soft tokens inside a token sequence, with the name of the picture that fills it. Immutable.
 *
 * @param start index of the run's first token
 * @param length tokens in the run, at least 1
 * @param sha256 SHA-256 of the image file's bytes, 32 bytes
 * @param part 0 for the image itself, 1 and up for its pan-and-scan crops
 */
public record ImageSpan(int start, int length, byte[] sha256, int part) {
    /** Checks the ranges and keeps a copy of the digest. */
    public ImageSpan {
        if (start < 0 || length < 1 || part < 0) {
            throw new IllegalArgumentException("an image span needs start >= 0, length >= 1 and part >= 0, not start "
                    + start + ", length " + length + ", part " + part);
        }
        if (sha256.length != ContentKey.LENGTH) {
            throw new IllegalArgumentException(
                    "an image digest has " + ContentKey.LENGTH + " bytes, this one has " + sha256.length);
        }
        sha256 = sha256.clone();
    }

    /** The span of a whole image, {@code part} 0. */
    public ImageSpan(int start, int length, byte[] sha256) {
        this(start, length, sha256, 0);
    }

    /** Returns a fresh copy of the 32 bytes. */
    @Override
    public byte[] sha256() {
        return sha256.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ImageSpan that
                && start == that.start
                && length == that.length
                && part == that.part
                && Arrays.equals(sha256, that.sha256);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * start + length) + part) + Arrays.hashCode(sha256);
    }

    @Override
    public String toString() {
        return "ImageSpan[start=" + start + ", length=" + length + ", sha256="
                + HexFormat.of().formatHex(sha256) + ", part=" + part + "]";
    }
}
