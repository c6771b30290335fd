package io.tandem.engine.runner;

/**
 * How much work a slice may hold so that it takes about {@link #SLICE_NANOS} on this machine: measured while it runs.
 *
 * <p>Mutable; owned by one runner and used by its thread.
 */
final class SlicePace {

    /** Long enough that a slice's products are as fast as they can be, short enough that nobody notices waiting for one. */
    static final long SLICE_NANOS = 25_000_000;

    private static final long FIRST_BUDGET = 1L << 24;
    private static final long LEAST_BUDGET = 1L << 22;
    private static final long MOST_BUDGET = 1L << 36;

    private long budget = FIRST_BUDGET;

    /** Multiply-adds for the next slice. */
    long budget() {
        return budget;
    }

    /** Learns from a slice; half of the difference at a time, so that one disturbed slice does little. */
    void ran(long work, long nanos) {
        // A slice of one piece that the budget could not make smaller says how fast the machine is all the same.
        double fitting = (double) work / Math.max(1, nanos) * SLICE_NANOS;
        budget = Math.clamp((long) ((budget + fitting) / 2), LEAST_BUDGET, MOST_BUDGET);
    }
}
