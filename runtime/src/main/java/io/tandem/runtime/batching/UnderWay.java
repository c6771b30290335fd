package io.tandem.runtime.batching;

import io.opentelemetry.api.trace.Span;
import java.util.List;

/** A batch that has begun. Mutable; used by the worker's thread. */
final class UnderWay<T, R> implements AutoCloseable {

    private final List<Entry<T, R>> entries;
    private final BatchPass<R> pass;
    private final Span span;
    private final int weight;
    private long nanos;

    /** @param span of the batch, ended with it */
    UnderWay(List<Entry<T, R>> entries, BatchPass<R> pass, Span span) {
        this.entries = entries;
        this.pass = pass;
        this.span = span;
        this.weight = entries.stream().mapToInt(Entry::weight).sum();
    }

    List<Entry<T, R>> entries() {
        return entries;
    }

    /** True if nobody waits for any of it. */
    boolean abandoned() {
        return entries.stream().allMatch(entry -> entry.result().isDone());
    }

    double remainingWeight() {
        return weight * pass.remaining();
    }

    /** Does a slice; with the last one, keeps all promises. Returns true when that is done. */
    boolean advance(BatchListener listener) {
        long start = System.nanoTime();
        boolean done = pass.advance();
        List<R> results = done ? pass.results() : List.of();
        nanos += System.nanoTime() - start;
        if (done) {
            if (results.size() != entries.size()) {
                throw new IllegalStateException(results.size() + " results for " + entries.size() + " items");
            }
            listener.ran(entries.size(), weight, nanos);
            for (int i = 0; i < results.size(); i++) {
                entries.get(i).result().complete(results.get(i));
            }
        }
        return done;
    }

    @Override
    public void close() {
        span.end();
        pass.close();
    }
}
