package io.tandem.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the hub knows a file's content by: SHA-256 of large files (Git LFS), git's SHA-1 of small ones.
 *
 * @param hex 64 or 40 lower-case hex digits; also the blob's file name in the cache
 */
record BlobId(String hex) {

    private static final int SHA_256_DIGITS = 64;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** Reads an ETag, weak or not, or a bare id; empty if it is neither of the two digests. */
    static Optional<BlobId> of(String tag) {
        String hex = tag.replaceFirst("^W/", "").replace("\"", "").toLowerCase(Locale.ROOT);
        return HEX.matcher(hex).matches() ? Optional.of(new BlobId(hex)) : Optional.empty();
    }

    /** What the digest is called. */
    String algorithm() {
        return hex.length() == SHA_256_DIGITS ? "SHA-256" : "SHA-1";
    }

    /** A digest that gives this id once it has read the content; git puts a header with the length before it. */
    MessageDigest newDigest(long size) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm());
            if (hex.length() != SHA_256_DIGITS) {
                digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm(), e);
        }
    }

    /** The id that a digest has come to. */
    static BlobId of(MessageDigest digest) {
        return new BlobId(HexFormat.of().formatHex(digest.digest()));
    }
}
