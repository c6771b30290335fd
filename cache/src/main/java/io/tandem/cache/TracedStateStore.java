package io.tandem.cache;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.Optional;

/**
 * A store whose look-ups, reads and writes are spans of the trace that they happen in; outside of one it is the store itself.
 * Thread-safe.
 */
final class TracedStateStore implements StateStore {

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    private static final AttributeKey<String> TIER = AttributeKey.stringKey("tandem.cache.tier");
    private static final AttributeKey<Boolean> HIT = AttributeKey.booleanKey("tandem.cache.hit");
    private static final AttributeKey<Long> BYTES = AttributeKey.longKey("tandem.cache.bytes");

    private final StateStore store;
    private final String tier;

    /** @param tier where the store keeps what it is given, such as {@code local} */
    TracedStateStore(StateStore store, String tier) {
        this.store = store;
        this.tier = tier;
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        if (!isTraced()) {
            return store.find(key);
        }
        Span span = start("find", Context.current());
        try {
            Optional<StateManifest> found = store.find(key);
            span.setAttribute(HIT, found.isPresent());
            return found;
        } finally {
            span.end();
        }
    }

    @Override
    public Optional<StateReader> read(ContentKey key) {
        Optional<StateReader> reader = store.read(key);
        if (!isTraced()) {
            return reader;
        }
        Context context = Context.current();
        return reader.map(found -> new TracedReader(found, context));
    }

    @Override
    public StateWriter write(ContentKey key, int rows, int columns) {
        StateWriter writer = store.write(key, rows, columns);
        return isTraced() ? new TracedWriter(writer, columns, start("write", Context.current())) : writer;
    }

    @Override
    public void remove(ContentKey key) {
        store.remove(key);
    }

    @Override
    public CacheStatistics statistics() {
        return store.statistics();
    }

    @Override
    public void close() {
        store.close();
    }

    private static boolean isTraced() {
        SpanContext current = Span.current().getSpanContext();
        return current.isValid() && current.isSampled();
    }

    private Span start(String operation, Context context) {
        return GlobalOpenTelemetry.getTracer("io.tandem")
                .spanBuilder("cache." + operation)
                .setParent(context)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(SYSTEM, "infinispan")
                .setAttribute(OPERATION, operation)
                .setAttribute(TIER, tier)
                .startSpan();
    }

    /** A reader with a span from its first chunk to its last; one that is given up before has none. As its reader, for one thread. */
    private final class TracedReader implements StateReader {
        private final StateReader reader;
        private final Context context;
        private Span span;

        private TracedReader(StateReader reader, Context context) {
            this.reader = reader;
            this.context = context;
        }

        @Override
        public StateManifest manifest() {
            return reader.manifest();
        }

        @Override
        public int next(float[] into) {
            if (span == null) {
                span = start("read", context);
            }
            try {
                int rows = reader.next(into);
                if (reader.remainingRows() == 0) {
                    span.setAttribute(BYTES, bytes(manifest().rows(), manifest().columns()));
                    span.setAttribute(HIT, true);
                    span.end();
                }
                return rows;
            } catch (StateLostException lost) {
                span.setAttribute(HIT, false);
                span.setStatus(StatusCode.ERROR);
                span.end();
                throw lost;
            }
        }

        @Override
        public int remainingRows() {
            return reader.remainingRows();
        }
    }

    /** A writer with a span from its opening to its end. As its writer, for one thread. */
    private static final class TracedWriter implements StateWriter {
        private final StateWriter writer;
        private final int columns;
        private final Span span;
        private long rows;
        private boolean committed;

        private TracedWriter(StateWriter writer, int columns, Span span) {
            this.writer = writer;
            this.columns = columns;
            this.span = span;
        }

        @Override
        public void append(float[] values, int offset, int rowCount) {
            writer.append(values, offset, rowCount);
            rows += rowCount;
        }

        @Override
        public StateManifest commit() {
            StateManifest manifest = writer.commit();
            committed = true;
            return manifest;
        }

        @Override
        public void close() {
            writer.close();
            span.setAttribute(BYTES, bytes(rows, columns));
            if (!committed) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    private static long bytes(long rows, int columns) {
        return rows * columns * Float.BYTES;
    }
}
