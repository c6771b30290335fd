package io.tandem.telemetry;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.function.Supplier;

/**
 * Spans of Tandem's own. They come from OpenTelemetry's global tracer, as those of its instrumentations do, so what is traced
 * needs nothing handed in. Thread-safe.
 *
 * <p>Nothing is traced that is not part of a recorded trace already: a request begins one at the gateway's HTTP server, and
 * without an exporter there is none.
 */
public final class Tracing {

    /** Low-cardinality cause of a span's failure, one of the labels of {@link ErrorCode}. */
    public static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private static final String SCOPE_NAME = "io.tandem";

    private Tracing() {}

    /** Makes spans. */
    public static Tracer tracer() {
        return GlobalOpenTelemetry.getTracer(SCOPE_NAME);
    }

    /** Whether what happens in the current context is recorded. */
    public static boolean isRecording() {
        return isRecording(Span.current().getSpanContext());
    }

    /** Whether a span is recorded. */
    public static boolean isRecording(SpanContext span) {
        return span.isValid() && span.isSampled();
    }

    /** Begins a span in the current context, which whoever asked for it ends; one without effect if nothing is recorded. */
    public static Span start(String name) {
        return isRecording() ? tracer().spanBuilder(name).startSpan() : Span.getInvalid();
    }

    /** Does work in a span of its own; its failure is the span's. */
    public static <T> T inSpan(String name, Supplier<T> work) {
        Span span = start(name);
        if (span == Span.getInvalid()) {
            return work.get();
        }
        try (Scope entered = span.makeCurrent()) {
            return work.get();
        } catch (RuntimeException | Error failure) {
            fail(span, failure);
            throw failure;
        } finally {
            span.end();
        }
    }

    /** Does work in a span of its own; its failure is the span's. */
    public static void inSpan(String name, Runnable work) {
        Supplier<Void> withoutResult = () -> {
            work.run();
            return null;
        };
        inSpan(name, withoutResult);
    }

    /** A context with a span in it, or unchanged if that is without effect. */
    public static Context with(Context context, Span span) {
        return span.getSpanContext().isValid() ? context.with(span) : context;
    }

    /** Says why a span failed. Never with the message: it may quote what a user wrote. */
    public static void fail(Span span, Throwable failure) {
        String type = failure instanceof TandemException known
                ? known.code().metricLabel()
                : failure.getClass().getName();
        span.setAttribute(ERROR_TYPE, type);
        span.setStatus(StatusCode.ERROR);
    }
}
