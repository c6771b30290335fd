package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TracedStateStoreTest {

    private static final AttributeKey<Boolean> HIT = AttributeKey.booleanKey("tandem.cache.hit");
    private static final AttributeKey<Long> BYTES = AttributeKey.longKey("tandem.cache.bytes");
    private static final int COLUMNS = 16;
    private static final int ROWS = 300;

    @RegisterExtension
    static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

    private final StateStore embedded = States.openLocal("4M", "4K");
    private final StateStore store = new TracedStateStore(embedded, "local");
    private final float[] values = States.values(ROWS, COLUMNS, 1);

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyUseIsASpanOfTheTraceItHappensIn() {
        traced(() -> {
            assertTrue(store.find(States.key(1)).isEmpty());
            States.write(store, States.key(1), values, COLUMNS);
            assertTrue(store.find(States.key(1)).isPresent());
            assertTrue(States.sameBits(values, States.read(store, States.key(1)).orElseThrow()));
        });
        List<SpanData> spans = TELEMETRY.getSpans();
        assertEquals(
                List.of("cache.find", "cache.write", "cache.find", "cache.read", "root"),
                spans.stream().map(SpanData::getName).toList());
        assertEquals(false, spans.get(0).getAttributes().get(HIT));
        assertEquals(true, spans.get(2).getAttributes().get(HIT));
        long bytes = (long) ROWS * COLUMNS * Float.BYTES;
        assertEquals(bytes, spans.get(1).getAttributes().get(BYTES));
        assertEquals(bytes, spans.get(3).getAttributes().get(BYTES));
        spans.subList(0, 4).forEach(span -> assertEquals(spans.getLast().getSpanId(), span.getParentSpanId()));
    }

    @Test
    void whatIsLostOrNotWrittenIsMarked() {
        States.write(store, States.key(2), values, COLUMNS);
        traced(() -> {
            StateReader reader = store.read(States.key(2)).orElseThrow();
            store.remove(States.key(2));
            assertThrows(StateLostException.class, () -> reader.next(new float[COLUMNS]));
            store.write(States.key(3), ROWS, COLUMNS).close();
        });
        List<SpanData> spans = TELEMETRY.getSpans();
        assertEquals(false, spans.get(0).getAttributes().get(HIT));
        assertEquals(StatusCode.ERROR, spans.get(0).getStatus().getStatusCode());
        assertEquals(StatusCode.ERROR, spans.get(1).getStatus().getStatusCode());
    }

    @Test
    void outsideOfATraceItIsTheStoreItself() {
        States.write(store, States.key(4), values, COLUMNS);
        assertFalse(store.find(States.key(4)).isEmpty());
        assertTrue(States.read(store, States.key(4)).isPresent());
        assertEquals(embedded.statistics(), store.statistics());
        assertEquals(List.of(), TELEMETRY.getSpans());
    }

    private static void traced(Runnable work) {
        Span root = TELEMETRY
                .getOpenTelemetry()
                .getTracer("test")
                .spanBuilder("root")
                .startSpan();
        try (Scope entered = root.makeCurrent()) {
            work.run();
        }
        root.end();
    }
}
