package io.tandem.runtime.batching;

import io.opentelemetry.api.trace.SpanContext;
import java.util.concurrent.CompletableFuture;

/**
 * An item with the promise of what becomes of it.
 *
 * @param span of the item, invalid if it is not traced
 * @param alone true once a batch with it failed: it runs without company, so that only the guilty item fails
 */
record Entry<T, R>(T item, int weight, CompletableFuture<R> result, SpanContext span, boolean alone) {

    Entry<T, R> forItself() {
        return new Entry<>(item, weight, result, span, true);
    }
}
