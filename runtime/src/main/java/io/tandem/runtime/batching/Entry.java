package io.tandem.runtime.batching;

import java.util.concurrent.CompletableFuture;

/**
 * An item with the promise of what becomes of it.
 *
 * @param alone true once a batch with it failed: it runs without company, so that only the guilty item fails
 */
record Entry<T, R>(T item, int weight, CompletableFuture<R> result, boolean alone) {

    Entry<T, R> forItself() {
        return new Entry<>(item, weight, result, true);
    }
}
