package io.tandem.runtime.batching;

import java.util.List;

/**
 * A batch on its way through a {@link SlicedRunner}. Mutable; used by the worker's thread.
 *
 * @param <R> what becomes of an item
 */
public interface BatchPass<R> extends AutoCloseable {

    /**
     * Does the next slice of the work.
     *
     * @return true when the work is done
     */
    boolean advance();

    /** Share of the work that is left, 1 to 0. */
    double remaining();

    /** Once the work is done: one result an item, in the items' order. */
    List<R> results();

    /** Gives back what the batch holds, done or not. */
    @Override
    void close();
}
