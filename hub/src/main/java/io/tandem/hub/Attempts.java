package io.tandem.hub;

import java.time.Duration;
import java.util.function.Consumer;

/** Counts failures that may pass, and waits longer after each. Owned by the thread that tries. */
final class Attempts {

    /** Failures in a row without anything gained; with the pauses below some 15 s, besides what each takes to fail. */
    static final int LIMIT = 5;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    /** The hub counts requests in windows of five minutes. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** Something that may have to be tried more than once. */
    @FunctionalInterface
    interface Request<T> {
        T send() throws UnreachableException, InterruptedException;
    }

    private final Waits waits;
    private final int limit;
    private final Consumer<String> notes;
    private int failures;

    /**
     * @param limit failures in a row that end it
     * @param notes hears of each wait, as it may take long
     */
    Attempts(Waits waits, int limit, Consumer<String> notes) {
        this.waits = waits;
        this.limit = limit;
        this.notes = notes;
    }

    /** Sends a request until there is an answer, or failures are enough. */
    <T> T send(Request<T> request) throws UnreachableException, InterruptedException {
        while (true) {
            try {
                return request.send();
            } catch (UnreachableException e) {
                failed(e);
            }
        }
    }

    /** Something was gained: failures count anew. */
    void progressed() {
        failures = 0;
    }

    /**
     * Waits before the next attempt, as long as the server asks to if it does.
     *
     * @throws UnreachableException the failure, if it was the last that counts or asks for more patience than there is
     */
    void failed(UnreachableException failure) throws UnreachableException, InterruptedException {
        failures++;
        Duration pause = failure.retryAfter().orElse(FIRST_PAUSE.multipliedBy(1L << (failures - 1)));
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            throw new UnreachableException(
                    "%s and asks to wait for %d s".formatted(failure.getMessage(), pause.toSeconds()), failure);
        }
        if (failures >= limit) {
            throw failure;
        }
        notes.accept("%s; trying again in %d s".formatted(failure.getMessage(), pause.toSeconds()));
        waits.pause(pause);
    }
}
