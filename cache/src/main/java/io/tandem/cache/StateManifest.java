package io.tandem.cache;

import java.util.Arrays;

/**
 * Describes one complete state: its shape, how it is cut into chunks, and what each chunk must hash to. Immutable.
 *
 * @param rows rows of the matrix, at least 1 (encoder states: one a token)
 * @param columns floats a row, at least 1 (encoder states: the hidden size)
 * @param rowsPerChunk rows in every chunk but the last, which has what remains
 * @param generation tells the chunks of this write from those of any other write under the same key
 * @param checksums CRC32C of each chunk's bytes, one a chunk
 */
public record StateManifest(int rows, int columns, int rowsPerChunk, long generation, int[] checksums) {
    /** Checks the ranges and keeps a copy of the checksums. */
    public StateManifest {
        if (rows < 1 || columns < 1 || rowsPerChunk < 1) {
            throw new IllegalArgumentException("a state needs rows, columns and rows a chunk >= 1, not " + rows + ", "
                    + columns + " and " + rowsPerChunk);
        }
        int chunks = chunks(rows, rowsPerChunk);
        if (checksums.length != chunks) {
            throw new IllegalArgumentException(rows + " rows in chunks of " + rowsPerChunk + " need " + chunks
                    + " checksums, there are " + checksums.length);
        }
        checksums = checksums.clone();
    }

    /** Number of chunks that hold {@code rows} rows. */
    static int chunks(int rows, int rowsPerChunk) {
        return Math.ceilDiv(rows, rowsPerChunk);
    }

    /** Number of chunks of this state. */
    public int chunkCount() {
        return checksums.length;
    }

    /** Size of all values in bytes. */
    public long byteLength() {
        return (long) rows * columns * Float.BYTES;
    }

    /** Rows in the given chunk. */
    public int rowsIn(int chunk) {
        return Math.min(rowsPerChunk, rows - chunk * rowsPerChunk);
    }

    /** CRC32C of the given chunk. */
    public int checksum(int chunk) {
        return checksums[chunk];
    }

    /** Returns a fresh copy. */
    @Override
    public int[] checksums() {
        return checksums.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateManifest that
                && rows == that.rows
                && columns == that.columns
                && rowsPerChunk == that.rowsPerChunk
                && generation == that.generation
                && Arrays.equals(checksums, that.checksums);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(generation) * 31 + Arrays.hashCode(checksums);
    }
}
