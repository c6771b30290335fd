package io.tandem.gateway.http;

/**
 * What lines of batches cost, on the average of the last ones: the price of a line is known only when it has been answered, and as
 * many may be under way as their owner can probably pay for. Thread-safe.
 */
final class LineCosts {

    /** Of a line, before any was answered. */
    private static final double FIRST_GUESS = 1000;
    /** Weight of the newest line in the running mean. */
    private static final double NEWEST = 0.05;

    private double mean = FIRST_GUESS;

    /** Takes note of what a line has cost. */
    synchronized void add(long tokens) {
        mean += NEWEST * (tokens - mean);
    }

    /**
     * Whether one more line may begin. One at a time may as long as anything is left, or the largest would never.
     *
     * @param left tokens that the owner may use now
     * @param underway lines that may use them, too
     */
    synchronized boolean mayBegin(long left, int underway) {
        return left > 0 && (underway == 0 || (underway + 1) * mean <= left);
    }
}
