package io.tandem.runtime.batching;

import java.util.List;
import java.util.function.Supplier;

/**
 * A batch that is one slice. Mutable; used by the worker's thread.
 *
 * @param <R> what becomes of an item
 */
final class OneGo<R> implements BatchPass<R> {

    private final Supplier<List<R>> work;
    private List<R> results;

    OneGo(Supplier<List<R>> work) {
        this.work = work;
    }

    @Override
    public boolean advance() {
        results = work.get();
        return true;
    }

    @Override
    public double remaining() {
        return results == null ? 1 : 0;
    }

    @Override
    public List<R> results() {
        return results;
    }

    @Override
    public void close() {
        // Nothing is held between slices.
    }
}
