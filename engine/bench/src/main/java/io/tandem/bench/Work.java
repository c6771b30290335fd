package io.tandem.bench;

/**
 * What an operation computes and moves, counted from the shapes of its inputs: every input and output once.
 *
 * @param flops multiplications and additions; a transcendental function counts as one
 * @param bytes read and written where nothing stays in a cache from one operation to the next
 */
record Work(double flops, double bytes) {

    /** A pass over fp32 values. */
    static Work pass(double values, int flopsEach, int timesMoved) {
        return new Work(values * flopsEach, values * timesMoved * Float.BYTES);
    }
}
