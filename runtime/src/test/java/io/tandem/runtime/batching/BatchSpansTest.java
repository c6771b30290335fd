package io.tandem.runtime.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.tandem.telemetry.Tracing;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(20)
class BatchSpansTest {

    private static final BatchLimits LIMITS = new BatchLimits(9, "tandem.test.max-queue", 10, "tandem.test.max-batch");

    @RegisterExtension
    static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

    private final GatedRunner runner = new GatedRunner();

    @Test
    void aBatchLinksToTheItemsThatItServed() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            CompletableFuture<Integer> untraced = worker.submit(1);
            runner.entered.acquireUninterruptibly();
            CompletableFuture<Integer> first = traced("one", () -> worker.submit(2));
            CompletableFuture<Integer> second = traced("two", () -> worker.submit(3));
            CompletableFuture<Integer> company = worker.submit(1);
            runner.mayRun.release(10);
            CompletableFuture.allOf(untraced, first, second, company).join();
        }
        List<SpanData> items = named("test-runner.item");
        assertEquals(List.of(2, 3), List.of(weight(items.get(0)), weight(items.get(1))));
        for (int i = 0; i < items.size(); i++) {
            assertEquals(
                    named(List.of("one", "two").get(i)).getFirst().getSpanId(),
                    items.get(i).getParentSpanId());
        }
        List<SpanData> batches = named("test-runner.batch");
        assertEquals(1, batches.size(), "the batch without a traced item has no span");
        assertFalse(batches.getFirst().getParentSpanContext().isValid());
        assertEquals(
                items.stream().map(SpanData::getSpanContext).toList(),
                batches.getFirst().getLinks().stream()
                        .map(LinkData::getSpanContext)
                        .toList());
    }

    @Test
    void anItemThatFailsSaysSo() {
        try (BatchWorker<Integer, Integer> worker = worker()) {
            runner.mayRun.release(10);
            CompletableFuture<Integer> failing = traced("one", () -> worker.submit(-1));
            failing.exceptionally(failure -> 0).join();
        }
        assertEquals(
                IllegalArgumentException.class.getName(),
                named("test-runner.item").getFirst().getAttributes().get(Tracing.ERROR_TYPE));
    }

    private BatchWorker<Integer, Integer> worker() {
        return BatchWorker.start(
                "test-runner", runner, LIMITS, new BatchMetrics(new SimpleMeterRegistry(), "tandem.test", "units"));
    }

    private static CompletableFuture<Integer> traced(String name, Supplier<CompletableFuture<Integer>> work) {
        Span span = Tracing.tracer().spanBuilder(name).startSpan();
        try (Scope entered = span.makeCurrent()) {
            return work.get();
        } finally {
            span.end();
        }
    }

    private static int weight(SpanData item) {
        return Math.toIntExact(item.getAttributes().get(AttributeKey.longKey("tandem.batch.item.weight")));
    }

    private static List<SpanData> named(String name) {
        return TELEMETRY.getSpans().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }
}
