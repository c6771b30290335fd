package io.tandem.engine.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Operands of one kernel call, {@code c += a b}: a [rows, depth], b [depth, columns], c [rows, columns].
 *
 * <p>Mutable: a worker sets it before each call, which spares the kernels a dozen parameters.
 */
final class Tile {

    /**
     * Values of a: element (row, k) is at {@code aOffset + k * aStep + row}; for {@link RowKernels}, which take rows as they lie,
     * at {@code aOffset + row * aStep + k}.
     */
    float[] a;

    int aOffset;
    int aStep;

    /** Rows of a and c, for the kernels that take any number. */
    int rows;

    /** Values of b: element (k, column) is {@code k * bStep + column} elements behind {@code bOffset} bytes. */
    MemorySegment b;

    long bOffset;
    int bStep;

    /** Terms of each sum. */
    int depth;

    /** Values of c: element (row, column) is at {@code cOffset + row * cStep + column}. */
    float[] c;

    int cOffset;
    int cStep;

    /**
     * What the sums start from, for {@link RowKernels}: those of row r from {@code startOffset + r * startStep} on. Elsewhere they
     * start from what c holds.
     */
    float[] start;

    int startOffset;
    int startStep;

    /** Takes what was read only to have it in the cache, so that the compiler can't leave the reading out. */
    long fetched;

    void left(float[] values, int offset, int step) {
        a = values;
        aOffset = offset;
        aStep = step;
    }

    void right(MemorySegment values, long offset, int step) {
        b = values;
        bOffset = offset;
        bStep = step;
    }

    void result(float[] values, int offset, int step) {
        c = values;
        cOffset = offset;
        cStep = step;
    }

    /** Lets sums start from what is in the result. */
    void goOn() {
        start(c, cOffset, cStep);
    }

    void start(float[] values, int offset, int step) {
        start = values;
        startOffset = offset;
        startStep = step;
    }
}
