package io.tandem.vision;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.ImageHeader;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The gateway's side of an upload, over real gRPC. Owned by one test class. */
final class VisionClient implements AutoCloseable {

    private static final int CHUNK = 1000;

    private final ManagedChannel channel;

    VisionClient(int port) {
        channel = Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    static ImageHeader.Builder header(byte[] file) {
        return ImageHeader.newBuilder()
                .setSha256(ByteString.copyFrom(sha256(file)))
                .setByteLength(file.length)
                .setField("messages[0].content[1]");
    }

    /** Uploads a whole picture and waits for the reply. */
    EncodeReply encode(byte[] file) {
        return send(header(file).build(), file).reply();
    }

    /** Sends a header and bytes, whether or not they fit together, and ends the stream. */
    Upload send(ImageHeader header, byte[] file) {
        Upload upload = begin();
        upload.header(header);
        upload.data(file);
        upload.requests.onCompleted();
        return upload;
    }

    Upload begin() {
        return begin(60_000);
    }

    Upload begin(long deadlineMillis) {
        Upload upload = new Upload();
        VisionServiceGrpc.newStub(channel)
                .withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS)
                .encode(upload);
        return upload;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static byte[] sha256(byte[] file) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(file);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One call. */
    static final class Upload implements ClientResponseObserver<EncodeRequest, EncodeReply> {

        private final CompletableFuture<EncodeReply> reply = new CompletableFuture<>();
        private ClientCallStreamObserver<EncodeRequest> requests;

        @Override
        public void beforeStart(ClientCallStreamObserver<EncodeRequest> stream) {
            requests = stream;
        }

        void header(ImageHeader header) {
            requests.onNext(EncodeRequest.newBuilder().setHeader(header).build());
        }

        void data(byte[] file) {
            for (int from = 0; from < file.length; from += CHUNK) {
                ByteString chunk = ByteString.copyFrom(file, from, Math.min(CHUNK, file.length - from));
                requests.onNext(EncodeRequest.newBuilder().setData(chunk).build());
            }
        }

        void cancel() {
            requests.cancel("the test goes away", null);
        }

        /** Waits; throws what the service refused with. */
        EncodeReply reply() {
            try {
                return reply.orTimeout(60, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                throw GrpcErrors.fromStatus(e.getCause());
            }
        }

        /** Waits for a refusal. */
        TandemException refusal() {
            try {
                return reply.handle((answer, failure) -> GrpcErrors.fromStatus(failure))
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join();
            } catch (CompletionException e) {
                throw new AssertionError("expected a refusal", e);
            }
        }

        @Override
        public void onNext(EncodeReply answer) {
            reply.complete(answer);
        }

        @Override
        public void onError(Throwable failure) {
            reply.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            // The reply came before.
        }
    }
}
