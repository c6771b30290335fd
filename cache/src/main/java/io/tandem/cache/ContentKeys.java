package io.tandem.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Names encoder states and image soft tokens by everything that decides their values, for one model, one arithmetic
 * and one tenant. Immutable and safe for any number of threads.
 *
 * <p>Every variable part is preceded by its length and every kind of key by its own label, so two different inputs
 * never hash the same bytes.
 */
public final class ContentKeys {
    /** Raise it whenever the meaning or the layout of cached values changes: old entries then stop being found. */
    public static final int FORMAT_VERSION = 1;

    private static final byte[] SCOPE = label("tandem/scope");
    private static final byte[] SEGMENT = label("tandem/segment");
    private static final byte[] IMAGE = label("tandem/image");
    private static final byte TEXT_RUN = 0;
    private static final byte IMAGE_RUN = 1;

    /** The digest of what all keys of this object share; only ever read. */
    private final byte[] scope;

    private ContentKeys(byte[] scope) {
        this.scope = scope;
    }

    /**
     * Binds the parts that all keys share.
     *
     * @param modelFingerprint names the weights, the tokenizer and the image preprocessing settings
     * @param numerics names the arithmetic that makes the values, such as {@code cpu-f32}
     * @param tenantSalt keeps one tenant from probing what another has cached; empty when there is only one
     */
    public static ContentKeys of(String modelFingerprint, String numerics, byte[] tenantSalt) {
        MessageDigest hash = sha256();
        hash.update(SCOPE);
        putInt(hash, FORMAT_VERSION);
        putBytes(hash, modelFingerprint.getBytes(StandardCharsets.UTF_8));
        putBytes(hash, numerics.getBytes(StandardCharsets.UTF_8));
        putBytes(hash, tenantSalt);
        return new ContentKeys(hash.digest());
    }

    /** As {@link #of(String, String, byte[])} with the salt's UTF-8 bytes. */
    public static ContentKeys of(String modelFingerprint, String numerics, String tenantSalt) {
        return of(modelFingerprint, numerics, tenantSalt.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Names the encoder states of one segment.
     *
     * @param tokens the exact encoder input; values inside image runs don't matter, their images' digests do
     * @param images the soft-token runs in ascending order, not overlapping
     * @throws IllegalArgumentException if a span overlaps the one before it or ends after the last token
     */
    public ContentKey segment(int[] tokens, List<ImageSpan> images) {
        MessageDigest hash = sha256();
        hash.update(SEGMENT);
        hash.update(scope);
        int position = 0;
        for (ImageSpan image : images) {
            if (image.start() < position || image.length() > tokens.length - image.start()) {
                throw new IllegalArgumentException(image + " overlaps the span before it, which ends at " + position
                        + ", or ends after the " + tokens.length + " tokens");
            }
            putTextRun(hash, tokens, position, image.start());
            hash.update(IMAGE_RUN);
            putInt(hash, image.length());
            hash.update(image.sha256());
            putInt(hash, image.part());
            position = image.start() + image.length();
        }
        putTextRun(hash, tokens, position, tokens.length);
        return ContentKey.of(hash.digest());
    }

    /**
     * Names the soft tokens of one image: those of the image itself, then those of its pan-and-scan crops.
     *
     * @param sha256 SHA-256 of the image file's bytes, 32 bytes
     * @throws IllegalArgumentException if the digest has another length
     */
    public ContentKey image(byte[] sha256) {
        if (sha256.length != ContentKey.LENGTH) {
            throw new IllegalArgumentException(
                    "an image digest has " + ContentKey.LENGTH + " bytes, this one has " + sha256.length);
        }
        MessageDigest hash = sha256();
        hash.update(IMAGE);
        hash.update(scope);
        hash.update(sha256);
        return ContentKey.of(hash.digest());
    }

    /** Hashes {@code tokens[from, to)}; an empty run hashes nothing, so that runs have one spelling only. */
    private static void putTextRun(MessageDigest hash, int[] tokens, int from, int to) {
        if (from == to) {
            return;
        }
        ByteBuffer run = ByteBuffer.allocate(1 + Integer.BYTES * (1 + to - from));
        run.put(TEXT_RUN).putInt(to - from);
        run.asIntBuffer().put(tokens, from, to - from);
        hash.update(run.array());
    }

    private static void putInt(MessageDigest hash, int value) {
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, value));
    }

    private static void putBytes(MessageDigest hash, byte[] bytes) {
        putInt(hash, bytes.length);
        hash.update(bytes);
    }

    /** A label preceded by its length, so that none is a prefix of another's input. */
    private static byte[] label(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
