package io.tandem.engine.cpu;

import java.util.Arrays;

/**
 * Some rows of a row-major matrix that are to be laid out as the kernels read them: the values of one column next to each other,
 * in tiles of 8 rows or fewer.
 *
 * @param values the matrix
 * @param from where the first row starts
 * @param stride values from one row to the next
 * @param count rows
 * @param columns values to take of each row
 */
record PackedRows(float[] values, int from, int stride, int count, int columns) {

    /** Rows of a tile. */
    static final int TILE = 8;

    /** Packs at most {@code step} rows as one tile; rows that it lacks are 0. */
    void packTile(float[] dst, int offset, int step) {
        if (count < step) {
            Arrays.fill(dst, offset, offset + columns * step, 0.0f);
        }
        interleave(dst, offset, step);
    }

    /** Puts value k of row r at {@code offset + k * step + r}. */
    void interleave(float[] dst, int offset, int step) {
        int row = 0;
        for (; row + TILE <= count; row += TILE) {
            interleaveEight(from + row * stride, dst, offset + row, step);
        }
        for (; row < count; row++) {
            int source = from + row * stride;
            for (int k = 0, at = offset + row; k < columns; k++, at += step) {
                dst[at] = values[source + k];
            }
        }
    }

    /** Eight rows at once, so that what is written lies together. */
    private void interleaveEight(int row0, float[] dst, int offset, int step) {
        float[] src = values;
        int row1 = row0 + stride;
        int row2 = row1 + stride;
        int row3 = row2 + stride;
        int row4 = row3 + stride;
        int row5 = row4 + stride;
        int row6 = row5 + stride;
        int row7 = row6 + stride;
        for (int k = 0, at = offset; k < columns; k++, at += step) {
            dst[at] = src[row0 + k];
            dst[at + 1] = src[row1 + k];
            dst[at + 2] = src[row2 + k];
            dst[at + 3] = src[row3 + k];
            dst[at + 4] = src[row4 + k];
            dst[at + 5] = src[row5 + k];
            dst[at + 6] = src[row6 + k];
            dst[at + 7] = src[row7 + k];
        }
    }
}
