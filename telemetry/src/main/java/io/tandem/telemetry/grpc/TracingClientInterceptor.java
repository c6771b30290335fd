package io.tandem.telemetry.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.tandem.contract.ErrorCode;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;

/** Sends a request's id and span along with each of its calls, and gives the call a span where the request has one. Thread-safe. */
public final class TracingClientInterceptor implements ClientInterceptor {

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        ClientCall<Q, R> call = next.newCall(method, options);
        Context context = Context.current();
        // Health checks belong to no request and are left alone.
        return context == Context.root() ? call : new TracedCall<>(call, method, context);
    }

    private static Span span(MethodDescriptor<?, ?> method) {
        if (!Tracing.isRecording()) {
            return Span.getInvalid();
        }
        return Tracing.tracer()
                .spanBuilder(method.getFullMethodName())
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(CallMetadata.SYSTEM, "grpc")
                .setAttribute(CallMetadata.SERVICE, method.getServiceName())
                .setAttribute(CallMetadata.METHOD, method.getBareMethodName())
                .startSpan();
    }

    /** One call; used by whoever makes it. */
    private static final class TracedCall<Q, R> extends SimpleForwardingClientCall<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private final Context context;

        private TracedCall(ClientCall<Q, R> call, MethodDescriptor<Q, R> method, Context context) {
            super(call);
            this.method = method;
            this.context = context;
        }

        @Override
        public void start(Listener<R> listener, Metadata headers) {
            RequestContext.requestId(context).ifPresent(id -> headers.put(CallMetadata.REQUEST_ID, id));
            Span span = span(method);
            if (!span.getSpanContext().isValid()) {
                super.start(listener, headers);
                return;
            }
            W3CTraceContextPropagator.getInstance().inject(context.with(span), headers, CallMetadata.SETTER);
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            end(span, status);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }

        private static void end(Span span, Status status) {
            span.setAttribute(CallMetadata.STATUS, (long) status.getCode().value());
            if (!status.isOk()) {
                span.setStatus(io.opentelemetry.api.trace.StatusCode.ERROR);
                span.setAttribute(
                        Tracing.ERROR_TYPE, ErrorCode.of(status.getCode()).metricLabel());
            }
            span.end();
        }
    }
}
