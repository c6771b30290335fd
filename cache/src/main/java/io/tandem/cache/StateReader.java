package io.tandem.cache;

/** Reads one state from its first row to its last. Owned by its caller, used by one thread at a time; holds nothing to close. */
public interface StateReader {
    /** Returns the state's shape and chunks. */
    StateManifest manifest();

    /**
     * Copies the next rows, never more than to the end of the current chunk.
     *
     * @param into receives {@code [rows returned, columns]}, row-major; must have room for one row at least
     * @return rows copied, or -1 at the end
     * @throws StateLostException if the next chunk is gone or damaged; the store has then forgotten the state
     */
    int next(float[] into);

    /**
     * Hands over the remaining rows chunk by chunk.
     *
     * @throws StateLostException as in {@link #next(float[])}; chunks handed over before are good
     */
    default void forEachChunk(ChunkConsumer consumer) {
        float[] data = new float[manifest().rowsIn(0) * manifest().columns()];
        int firstRow = manifest().rows() - remainingRows();
        for (int rows = next(data); rows >= 0; rows = next(data)) {
            consumer.accept(data, firstRow, rows);
            firstRow += rows;
        }
    }

    /** Rows not yet read. */
    int remainingRows();

    /** Takes consecutive rows of a state. */
    @FunctionalInterface
    interface ChunkConsumer {
        /**
         * Takes rows {@code [firstRow, firstRow + rowCount)}.
         *
         * @param data row-major, {@code [rowCount, columns]} from index 0; overwritten after the call returns
         */
        void accept(float[] data, int firstRow, int rowCount);
    }
}
