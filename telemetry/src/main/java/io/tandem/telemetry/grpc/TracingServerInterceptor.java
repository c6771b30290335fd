package io.tandem.telemetry.grpc;

import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.quarkus.grpc.GlobalInterceptor;
import io.tandem.contract.ErrorCode;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;
import jakarta.inject.Singleton;

/**
 * Takes the id and the span of a request from a call and hands them to the service in gRPC's own context, which
 * {@link #requestContext} reads on the thread that takes the call. Thread-safe.
 */
@Singleton
@GlobalInterceptor
public final class TracingServerInterceptor implements ServerInterceptor {

    private static final io.grpc.Context.Key<Context> CONTEXT = io.grpc.Context.key("tandem-request-context");

    /** The context of the call that is being taken on this thread. */
    public static Context requestContext() {
        Context context = CONTEXT.get();
        return context == null ? Context.root() : context;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String requestId = headers.get(CallMetadata.REQUEST_ID);
        Context parent = W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, CallMetadata.GETTER);
        Context context = requestId == null ? parent : RequestContext.with(parent, requestId);
        if (!Tracing.isRecording(Span.fromContext(context).getSpanContext())) {
            return Contexts.interceptCall(within(context), call, headers, next);
        }
        Span span = span(call.getMethodDescriptor(), context);
        return new TracedListener<>(
                Contexts.interceptCall(within(context.with(span)), new TracedCall<>(call, span), headers, next), span);
    }

    private static io.grpc.Context within(Context context) {
        return io.grpc.Context.current().withValue(CONTEXT, context);
    }

    private static Span span(MethodDescriptor<?, ?> method, Context parent) {
        return Tracing.tracer()
                .spanBuilder(method.getFullMethodName())
                .setParent(parent)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(CallMetadata.SYSTEM, "grpc")
                .setAttribute(CallMetadata.SERVICE, method.getServiceName())
                .setAttribute(CallMetadata.METHOD, method.getBareMethodName())
                .startSpan();
    }

    private static void end(Span span, Status status) {
        span.setAttribute(CallMetadata.STATUS, (long) status.getCode().value());
        if (!status.isOk()) {
            span.setAttribute(Tracing.ERROR_TYPE, ErrorCode.of(status.getCode()).metricLabel());
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    /** Ends the span with the answer. */
    private static final class TracedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final Span span;

        private TracedCall(ServerCall<Q, R> call, Span span) {
            super(call);
            this.span = span;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(span, status);
            super.close(status, trailers);
        }
    }

    /** Ends the span when nobody waits for the answer any more; a span that has ended stays as it is. */
    private static final class TracedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Span span;

        private TracedListener(ServerCall.Listener<Q> listener, Span span) {
            super(listener);
            this.span = span;
        }

        @Override
        public void onCancel() {
            end(span, Status.CANCELLED);
            super.onCancel();
        }
    }
}
