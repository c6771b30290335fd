package io.tandem.gateway.files;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Names a file: {@code file-}, the time of its upload and random bits, in hexadecimal, so that ids sort by age and can't be guessed.
 * Immutable.
 *
 * @param value safe as the name of a folder
 */
public record FileId(String value) {

    private static final Pattern SHAPE = Pattern.compile("file-[0-9a-f]{32}");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int RANDOM_BYTES = 10;
    private static final AtomicLong LAST_MILLIS = new AtomicLong();

    /** @throws IllegalArgumentException if it has not the shape of an id */
    public FileId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("no file has this id");
        }
    }

    /** An id that is greater than all that this process has made. */
    static FileId next(long nowMillis) {
        long millis = LAST_MILLIS.updateAndGet(last -> Math.max(last + 1, nowMillis));
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        return new FileId("file-%012x%s".formatted(millis, HexFormat.of().formatHex(random)));
    }

    /** What a client calls a file; empty if no file can have this name. */
    public static Optional<FileId> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new FileId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
