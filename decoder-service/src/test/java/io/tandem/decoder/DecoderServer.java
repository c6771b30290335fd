package io.tandem.decoder;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.decoder.grpc.DecoderGrpcService;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.decoder.scheduling.StepThread;
import io.tandem.runtime.calls.ServiceState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A decoder behind a real Netty server on the loopback address, with a client. */
public final class DecoderServer implements AutoCloseable {

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Semaphore cancellations = new Semaphore(0);
    private final ServiceState state = new ServiceState(DecoderServiceGrpc.SERVICE_NAME, new GrpcHealthStorage());
    private final Decoder decoder;
    private final Server server;
    private final DecoderClient client;

    public DecoderServer(DecoderConfig config, DecoderModel model, StateStore store) throws IOException {
        decoder = new Decoder(config, model, store, state, registry);
        decoder.start(Throwable::printStackTrace);
        awaitTrue(state::isReady, "the decoder did not warm up");
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        DecoderGrpcService service = new DecoderGrpcService();
        service.open(new StartupEvent(), decoder.parts());
        server = NettyServerBuilder.forAddress(anyPort)
                .addService(service)
                .intercept(new CancellationCount())
                .build()
                .start();
        client = DecoderClient.to(server.getPort());
    }

    public Decoder decoder() {
        return decoder;
    }

    public ServiceState state() {
        return state;
    }

    public Answer call(GenerateRequest request) {
        return client.call(request);
    }

    public Answer call(GenerateRequest request, Duration deadline) {
        return client.call(request, deadline);
    }

    public double counter(String name) {
        return registry.counter("tandem.decoder." + name).count();
    }

    /** Calls that ended in this way, {@code ok} or the label of an error. */
    public double ended(String outcome) {
        return registry.counter("tandem.decoder.requests", "outcome", outcome).count();
    }

    public double gauge(String name) {
        return registry.get("tandem.decoder." + name).gauge().value();
    }

    /** Waits for the calls in progress, and returns what they left behind. */
    public List<String> leftovers() {
        awaitTrue(() -> state.active() == 0, "calls did not end");
        return decoder.integrity();
    }

    /** Waits until the service was told of a cancellation that no one has waited for. */
    public void awaitCancelled() throws InterruptedException {
        if (!cancellations.tryAcquire(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no cancellation reached the service");
        }
    }

    @Override
    public void close() {
        client.close();
        server.shutdownNow();
        decoder.close();
        if (decoder.parts().stepThread().state() == StepThread.State.READY) {
            throw new IllegalStateException("the step thread is still running");
        }
    }

    private static void awaitTrue(BooleanSupplier condition, String otherwise) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new IllegalStateException(otherwise);
            }
            Thread.onSpinWait();
        }
    }

    private final class CancellationCount implements ServerInterceptor {

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                @Override
                public void onCancel() {
                    super.onCancel();
                    cancellations.release();
                }
            };
        }
    }
}
