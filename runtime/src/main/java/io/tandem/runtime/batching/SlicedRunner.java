package io.tandem.runtime.batching;

import java.util.List;

/**
 * What a {@link BatchWorker} runs, a slice at a time; used and closed by its thread only.
 *
 * @param <T> an item of work
 * @param <R> what becomes of it
 */
public interface SlicedRunner<T, R> extends AutoCloseable {

    /** What an item takes of a batch's budget, such as its tokens or its pictures. Called by the submitting thread. */
    int weight(T item);

    /** Begins the work of a batch; what becomes of one item does not depend on the others, nor on what runs between slices. */
    BatchPass<R> begin(List<T> items);

    /** Gives back what it computes with. */
    @Override
    void close();
}
