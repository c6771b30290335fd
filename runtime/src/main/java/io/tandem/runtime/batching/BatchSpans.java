package io.tandem.runtime.batching;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.tandem.telemetry.Tracing;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * What traces tell of a {@link BatchWorker}: each item has a span in its request's trace, from submission to result, and each batch
 * one of its own that links to those of its items, as it belongs to all of them. Thread-safe.
 */
final class BatchSpans {

    private static final AttributeKey<Long> ITEMS = AttributeKey.longKey("tandem.batch.items");
    private static final AttributeKey<Long> WEIGHT = AttributeKey.longKey("tandem.batch.weight");
    private static final AttributeKey<Long> ITEM_WEIGHT = AttributeKey.longKey("tandem.batch.item.weight");

    private final String name;

    /** @param name of the worker, with which the names of spans begin */
    BatchSpans(String name) {
        this.name = name;
    }

    /** Begins the span of an item, which ends with its result. */
    SpanContext item(int weight, CompletableFuture<?> result) {
        Span span = Tracing.start(name + ".item");
        if (span.getSpanContext().isValid()) {
            span.setAttribute(ITEM_WEIGHT, (long) weight);
            result.whenComplete((done, failure) -> {
                if (failure != null) {
                    Tracing.fail(span, failure);
                }
                span.end();
            });
        }
        return span.getSpanContext();
    }

    /** Begins the span of a batch; one without effect if none of its items is traced. */
    Span batch(Collection<? extends Entry<?, ?>> entries) {
        if (entries.stream().noneMatch(entry -> Tracing.isRecording(entry.span()))) {
            return Span.getInvalid();
        }
        SpanBuilder builder = Tracing.tracer()
                .spanBuilder(name + ".batch")
                .setNoParent()
                .setAttribute(ITEMS, (long) entries.size())
                .setAttribute(WEIGHT, entries.stream().mapToLong(Entry::weight).sum());
        entries.stream().map(Entry::span).filter(Tracing::isRecording).forEach(builder::addLink);
        return builder.startSpan();
    }
}
