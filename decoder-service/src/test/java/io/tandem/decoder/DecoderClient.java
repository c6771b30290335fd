package io.tandem.decoder;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.model.v1.IdentifyRequest;
import io.tandem.contract.model.v1.ModelServiceGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A channel to a decoder on the loopback address. */
public final class DecoderClient implements AutoCloseable {

    private final ManagedChannel channel;

    private DecoderClient(ManagedChannel channel) {
        this.channel = channel;
    }

    public static DecoderClient to(int port) {
        return new DecoderClient(
                NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .usePlaintext()
                        // The least that can be: a client that takes nothing is noticed at once.
                        .flowControlWindow(64)
                        .build());
    }

    /** Begins a call. */
    public Answer call(GenerateRequest request) {
        return Answer.begin(DecoderServiceGrpc.newStub(channel), request);
    }

    /** Begins a call that must be over by then. */
    public Answer call(GenerateRequest request, Duration deadline) {
        return Answer.begin(
                DecoderServiceGrpc.newStub(channel).withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
                request);
    }

    /** What the standard health service says of the decoder. */
    public ServingStatus health() {
        HealthCheckRequest request = HealthCheckRequest.newBuilder()
                .setService(DecoderServiceGrpc.SERVICE_NAME)
                .build();
        return HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(request)
                .getStatus();
    }

    /** Which model the decoder says that it serves. */
    public String model() {
        return ModelServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .identify(IdentifyRequest.getDefaultInstance())
                .getModel();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
