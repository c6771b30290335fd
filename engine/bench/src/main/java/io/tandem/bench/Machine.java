package io.tandem.bench;

/**
 * What the machine can do at most, as measured at the start of the run.
 *
 * @param gflops fp32 multiply-adds of all threads together, two operations each, in 1e9 a second
 * @param readGbPerSecond reads of more than the caches hold, all threads together, in 1e9 bytes a second
 */
record Machine(double gflops, double readGbPerSecond) {

    /** Percent of the peak of computing. */
    double percentOfGflops(double reached) {
        return 100 * reached / gflops;
    }

    /** Percent of the peak of reading; more than 100 where the caches hold what is read. */
    double percentOfReads(double reached) {
        return 100 * reached / readGbPerSecond;
    }
}
