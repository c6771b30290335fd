package io.tandem.gateway.batches;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Names a batch: {@code batch_}, the time of its creation and random bits, in hexadecimal, so that ids sort by age and can't be
 * guessed. Immutable.
 *
 * @param value safe as the name of a folder
 */
public record BatchId(String value) implements Comparable<BatchId> {

    private static final Pattern SHAPE = Pattern.compile("batch_[0-9a-f]{32}");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int RANDOM_BYTES = 10;
    private static final AtomicLong LAST_MILLIS = new AtomicLong();

    /** @throws IllegalArgumentException if it has not the shape of an id */
    public BatchId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException("no batch has this id");
        }
    }

    /** An id that is greater than all that this process has made. */
    static BatchId next(long nowMillis) {
        long millis = LAST_MILLIS.updateAndGet(last -> Math.max(last + 1, nowMillis));
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        return new BatchId("batch_%012x%s".formatted(millis, HexFormat.of().formatHex(random)));
    }

    /** What a client calls a batch; empty if no batch can have this name. */
    public static Optional<BatchId> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new BatchId(text)) : Optional.empty();
    }

    @Override
    public int compareTo(BatchId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
