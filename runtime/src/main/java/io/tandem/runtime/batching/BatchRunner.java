package io.tandem.runtime.batching;

import java.util.List;

/**
 * What a {@link BatchWorker} runs; used and closed by its thread only.
 *
 * @param <T> an item of work
 * @param <R> what becomes of it
 */
public interface BatchRunner<T, R> extends AutoCloseable {

    /** What an item takes of a batch's budget, such as its tokens or its pictures. Called by the submitting thread. */
    int weight(T item);

    /**
     * Does the work of a batch; what becomes of one item does not depend on the others.
     *
     * @return one result an item, in the items' order
     */
    List<R> run(List<T> items);

    /** Gives back what it computes with. */
    @Override
    void close();
}
