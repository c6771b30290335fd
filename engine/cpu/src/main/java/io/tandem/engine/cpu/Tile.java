package io.tandem.engine.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Operands of one kernel call, {@code c += a b}: a [rows, depth], b [depth, columns], c [rows, columns].
 *
 * <p>Mutable: a worker sets it before each call, which spares the kernels a dozen parameters.
 */
final class Tile {

    /** Values of a: element (row, k) is at {@code aOffset + k * aStep + row}. */
    float[] a;

    int aOffset;
    int aStep;

    /** Tiles of 8 rows that a and c hold one after the other, for the kernels that take several. */
    int tiles = 1;

    /** Values from one tile of a to the next. */
    int aTileStep;

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

    void left(float[] values, int offset, int step) {
        a = values;
        aOffset = offset;
        aStep = step;
    }

    void tiles(int count, int step) {
        tiles = count;
        aTileStep = step;
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
}
