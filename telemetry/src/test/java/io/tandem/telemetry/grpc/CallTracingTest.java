package io.tandem.telemetry.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context.CancellableContext;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.tandem.contract.encoder.v1.DetokenizeReply;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(20)
class CallTracingTest {

    @RegisterExtension
    static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

    /** A service that answers, fails or, asked for token 2, leaves its caller waiting. */
    private static final class Service extends EncoderServiceGrpc.EncoderServiceImplBase {
        private final BlockingQueue<Context> contexts = new LinkedBlockingQueue<>();

        @Override
        public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeReply> replies) {
            contexts.add(TracingServerInterceptor.requestContext());
            switch (request.getTokenIds(0)) {
                case 0 -> {
                    replies.onNext(DetokenizeReply.getDefaultInstance());
                    replies.onCompleted();
                }
                case 1 -> replies.onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
                default -> {}
            }
        }
    }

    private final Service service = new Service();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .intercept(new TracingServerInterceptor())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .intercept(new TracingClientInterceptor())
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void idAndSpanArriveAtTheService() throws InterruptedException {
        Span root = Tracing.tracer().spanBuilder("root").startSpan();
        RequestContext.run(RequestContext.with(Context.current().with(root), "req_7"), () -> call(0));
        root.end();
        Context arrived = service.contexts.take();
        assertEquals(Optional.of("req_7"), RequestContext.requestId(arrived));
        List<SpanData> spans = await(3);
        SpanData client = span(spans, SpanKind.CLIENT);
        SpanData served = span(spans, SpanKind.SERVER);
        assertEquals("tandem.encoder.v1.EncoderService/Detokenize", client.getName());
        assertEquals(root.getSpanContext().getSpanId(), client.getParentSpanId());
        assertEquals(client.getSpanId(), served.getParentSpanId());
        assertEquals(served.getSpanContext(), Span.fromContext(arrived).getSpanContext());
    }

    @Test
    void withoutATraceTheIdArrivesAlone() throws InterruptedException {
        RequestContext.run(RequestContext.with("req_8"), () -> call(0));
        Context arrived = service.contexts.take();
        assertEquals(Optional.of("req_8"), RequestContext.requestId(arrived));
        assertFalse(Span.fromContext(arrived).getSpanContext().isValid());
        call(0);
        assertEquals(Optional.empty(), RequestContext.requestId(service.contexts.take()));
        assertEquals(List.of(), TELEMETRY.getSpans());
    }

    @Test
    void aFailureIsOnBothEnds() {
        traced(() -> assertThrows(StatusRuntimeException.class, () -> call(1)));
        for (SpanData span : await(3)) {
            if (span.getKind() != SpanKind.INTERNAL) {
                assertEquals("overloaded", span.getAttributes().get(Tracing.ERROR_TYPE));
                assertEquals(
                        (long) Status.Code.RESOURCE_EXHAUSTED.value(),
                        span.getAttributes().get(CallMetadata.STATUS));
            }
        }
    }

    @Test
    void aCallThatIsGivenUpEndsOnBothEnds() throws InterruptedException {
        CancellableContext life = io.grpc.Context.current().withCancellation();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        traced(() -> life.run(() -> EncoderServiceGrpc.newStub(channel).detokenize(request(2), new Failing(failure))));
        service.contexts.take();
        life.cancel(null);
        assertEquals(Status.Code.CANCELLED, Status.fromThrowable(failure.join()).getCode());
        List<SpanData> spans = await(3);
        assertEquals("cancelled", span(spans, SpanKind.SERVER).getAttributes().get(Tracing.ERROR_TYPE));
        assertEquals("cancelled", span(spans, SpanKind.CLIENT).getAttributes().get(Tracing.ERROR_TYPE));
    }

    private record Failing(CompletableFuture<Throwable> failure) implements StreamObserver<DetokenizeReply> {
        @Override
        public void onNext(DetokenizeReply reply) {}

        @Override
        public void onError(Throwable reason) {
            failure.complete(reason);
        }

        @Override
        public void onCompleted() {}
    }

    private static void traced(Runnable work) {
        Span root = Tracing.tracer().spanBuilder("root").startSpan();
        try (Scope entered = root.makeCurrent()) {
            work.run();
        }
        root.end();
    }

    private void call(int token) {
        assertTrue(EncoderServiceGrpc.newBlockingStub(channel)
                .detokenize(request(token))
                .isInitialized());
    }

    private static DetokenizeRequest request(int token) {
        return DetokenizeRequest.newBuilder().addTokenIds(token).build();
    }

    /** Waits for spans: the service's end comes from another thread. */
    private static List<SpanData> await(int count) {
        while (TELEMETRY.getSpans().size() < count) {
            Thread.onSpinWait();
        }
        return TELEMETRY.getSpans();
    }

    private static SpanData span(List<SpanData> spans, SpanKind kind) {
        return spans.stream().filter(span -> span.getKind() == kind).findFirst().orElseThrow();
    }
}
