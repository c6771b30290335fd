package io.tandem.cache;

/**
 * Writes one state in chunks while its rows are made. Owned by whoever called {@link StateStore#write}, used by one
 * thread at a time.
 */
public interface StateWriter extends AutoCloseable {
    /**
     * Adds the next rows; their number need not match the chunks'.
     *
     * @param values row-major, {@code [rowCount, columns]} from {@code offset} on
     * @param offset index of the first float
     * @param rowCount rows to add
     * @throws IllegalArgumentException if the array is too short or the state would get more rows than announced
     */
    void append(float[] values, int offset, int rowCount);

    /**
     * Makes the state visible. Afterwards only {@link #close()} may be called.
     *
     * @return the manifest under which the state can be read
     * @throws IllegalStateException if rows are missing
     * @throws StateLostException if a chunk was already evicted to make room for other states
     */
    StateManifest commit();

    /** Removes what was written unless it was committed. Closing twice does nothing. */
    @Override
    void close();
}
