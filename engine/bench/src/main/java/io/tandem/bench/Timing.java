package io.tandem.bench;

/** Takes the best of several runs after a warm-up: the least disturbed one. */
final class Timing {

    private Timing() {}

    /**
     * Repeats a run until both bounds are reached.
     *
     * @param warmUpSeconds how long to run before the clock counts, at least one run
     * @param runs timed runs at least
     * @param seconds time for them at least
     * @return seconds of the best run
     */
    static double best(double warmUpSeconds, int runs, double seconds, Runnable run) {
        double warm = 0;
        do {
            warm += timed(run);
        } while (warm < warmUpSeconds);
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
