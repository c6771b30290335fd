package io.tandem.runtime.batching;

import java.util.List;

/**
 * A runner that does each batch in one go.
 *
 * @param <T> an item of work
 * @param <R> what becomes of it
 */
public interface BatchRunner<T, R> extends SlicedRunner<T, R> {

    /**
     * Does the work of a batch; what becomes of one item does not depend on the others.
     *
     * @return one result an item, in the items' order
     */
    List<R> run(List<T> items);

    @Override
    default BatchPass<R> begin(List<T> items) {
        return new OneGo<>(() -> run(items));
    }
}
