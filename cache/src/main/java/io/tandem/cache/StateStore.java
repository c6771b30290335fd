package io.tandem.cache;

import java.util.Optional;

/**
 * Keeps immutable fp32 matrices (encoder states, image soft tokens) under the names of their content. Safe for any
 * number of threads.
 *
 * <p>A value may vanish at any time, whole or in part; nothing is lost with it but the work of making it again.
 */
public interface StateStore extends AutoCloseable {
    /**
     * Looks a state up and counts a hit or a miss.
     *
     * @return the manifest if it and every chunk are present at this moment
     */
    Optional<StateManifest> find(ContentKey key);

    /**
     * Begins to read a state, without counting a hit or a miss.
     *
     * @return the reader, or nothing if there is no complete state under this key
     */
    Optional<StateReader> read(ContentKey key);

    /**
     * Begins to write a state, which nobody sees before {@link StateWriter#commit()}. Any number of writers may write
     * the same key at once: the first to commit stays, since all have the same values.
     *
     * @param rows rows of the whole matrix, at least 1
     * @param columns floats a row, at least 1
     * @throws StateTooLargeException if the state could never be held whole
     */
    StateWriter write(ContentKey key, int rows, int columns);

    /** Forgets a state; does nothing if there is none. */
    void remove(ContentKey key);

    /** Returns what is held now and what happened since the store was opened. */
    CacheStatistics statistics();

    /**
     * Gives back the memory and ends every thread that the store started; afterwards states can't be found, read or
     * written ({@link IllegalStateException}). Closing twice does nothing.
     */
    @Override
    void close();
}
