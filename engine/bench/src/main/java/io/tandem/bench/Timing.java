package io.tandem.bench;

/** Takes the best of several runs after a warm-up: the least disturbed one. */
final class Timing {

    /** A run that takes this many seconds is warm for most of them, so that one is enough. */
    private static final double LONG_RUN = 60;

    private Timing() {}

    /**
     * Repeats a run until both bounds are reached; one of more than a minute is made once.
     *
     * @param warmUpSeconds how long to run before the clock counts, at least one run
     * @param runs timed runs at least
     * @param seconds time for them at least
     * @return seconds of the best run
     */
    static double best(double warmUpSeconds, int runs, double seconds, Runnable run) {
        double first = timed(run);
        if (first > LONG_RUN) {
            return first;
        }
        for (double warm = first; warm < warmUpSeconds; ) {
            warm += timed(run);
        }
        double best = Double.MAX_VALUE;
        double spent = 0;
        for (int done = 0; done < runs || spent < seconds; done++) {
            double taken = timed(run);
            best = Math.min(best, taken);
            spent += taken;
        }
        return best;
    }

    private static double timed(Runnable run) {
        long start = System.nanoTime();
        run.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
