package io.tandem.engine.cpu;

/**
 * Layout of activations as the kernels read them: tiles of 8 rows in which the 8 values of one input are neighbours; rows
 * that fill up the last tile are 0.
 */
final class PackedRows {

    /** Rows of a tile. */
    static final int TILE = 8;

    private PackedRows() {}

    /** Tiles that {@code rows} rows take. */
    static int tiles(int rows) {
        return Math.ceilDiv(rows, TILE);
    }

    /** Packs a tile of a row-major matrix: {@code rows} rows, at most 8, that start at {@code from} in {@code src}. */
    static void packTile(float[] src, int from, int columns, int rows, float[] dst, int offset) {
        if (rows == TILE) {
            packFullTile(src, from, columns, dst, offset);
        } else {
            interleave(src, from, columns, rows, TILE, dst, offset);
        }
    }

    private static void packFullTile(float[] src, int from, int columns, float[] dst, int offset) {
        int row1 = from + columns;
        int row2 = row1 + columns;
        int row3 = row2 + columns;
        int row4 = row3 + columns;
        int row5 = row4 + columns;
        int row6 = row5 + columns;
        int row7 = row6 + columns;
        for (int k = 0, at = offset; k < columns; k++, at += TILE) {
            dst[at] = src[from + k];
            dst[at + 1] = src[row1 + k];
            dst[at + 2] = src[row2 + k];
            dst[at + 3] = src[row3 + k];
            dst[at + 4] = src[row4 + k];
            dst[at + 5] = src[row5 + k];
            dst[at + 6] = src[row6 + k];
            dst[at + 7] = src[row7 + k];
        }
    }

    /** Makes the values of one column neighbours, {@code step} apart from those of the next; rows from {@code rows} on are 0. */
    static void interleave(float[] src, int from, int columns, int rows, int step, float[] dst, int offset) {
        for (int row = 0; row < rows; row++) {
            int source = from + row * columns;
            for (int k = 0; k < columns; k++) {
                dst[offset + k * step + row] = src[source + k];
            }
        }
        for (int row = rows; row < step; row++) {
            for (int k = 0; k < columns; k++) {
                dst[offset + k * step + row] = 0;
            }
        }
    }
}
