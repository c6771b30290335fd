package io.tandem.encoder;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** The gateway's side of the encoder service, over real gRPC. Owned by one test. */
final class EncoderClient implements AutoCloseable {

    private final ManagedChannel channel;

    EncoderClient(int port) {
        channel = Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    EncoderServiceGrpc.EncoderServiceBlockingStub blocking() {
        return EncoderServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    EncodeReply encode(EncodeRequest.Builder request) {
        return blocking().encode(request.build());
    }

    ListenableFuture<EncodeReply> begin(EncodeRequest.Builder request) {
        return EncoderServiceGrpc.newFutureStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .encode(request.build());
    }

    /** What the service refuses a request with. */
    TandemException refusal(EncodeRequest.Builder request) {
        try {
            EncodeReply reply = encode(request);
            throw new AssertionError("expected a refusal, got " + reply);
        } catch (StatusRuntimeException e) {
            return GrpcErrors.fromStatus(e);
        }
    }

    static EncodeRequest.Builder text(String prompt) {
        return EncodeRequest.newBuilder().setText(prompt);
    }

    static TokenIds ids(int... ids) {
        return TokenIds.newBuilder()
                .addAllIds(Arrays.stream(ids).boxed().toList())
                .build();
    }

    static Document document(String title, String text) {
        return Document.newBuilder().setTitle(title).setText(text).build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
