package io.tandem.gateway.pipeline;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.ImageHeader;
import java.util.concurrent.CompletableFuture;

/**
 * Sends one picture as fast as the vision-service takes it and stops when the answer comes early. Used by the call's own
 * callbacks, which gRPC never runs at the same time.
 */
final class PictureUpload implements ClientResponseObserver<EncodeRequest, EncodeReply> {

    /** The protocol's limit. */
    private static final int CHUNK_BYTES = 1 << 20;

    private final SingleReply<EncodeReply> reply = new SingleReply<>();
    private final Picture picture;
    private final String tenant;

    private ClientCallStreamObserver<EncodeRequest> call;
    private boolean headerSent;
    private boolean closed;
    private int sent;

    PictureUpload(Picture picture, String tenant) {
        this.picture = picture;
        this.tenant = tenant;
    }

    CompletableFuture<EncodeReply> reply() {
        return reply.future();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<EncodeRequest> call) {
        this.call = call;
        call.setOnReadyHandler(this::send);
    }

    private void send() {
        while (!closed && call.isReady()) {
            if (!headerSent) {
                headerSent = true;
                call.onNext(header());
            } else if (sent < picture.bytes().size()) {
                int end = Math.min(sent + CHUNK_BYTES, picture.bytes().size());
                call.onNext(EncodeRequest.newBuilder()
                        .setData(picture.bytes().substring(sent, end))
                        .build());
                sent = end;
            } else {
                closed = true;
                call.onCompleted();
            }
        }
    }

    private EncodeRequest header() {
        return EncodeRequest.newBuilder()
                .setHeader(ImageHeader.newBuilder()
                        .setSha256(picture.sha256())
                        .setByteLength(picture.bytes().size())
                        .setTenant(tenant)
                        .setField(picture.field()))
                .build();
    }

    @Override
    public void onNext(EncodeReply value) {
        closed = true;
        reply.onNext(value);
    }

    @Override
    public void onError(Throwable failure) {
        closed = true;
        reply.onError(failure);
    }

    @Override
    public void onCompleted() {
        closed = true;
        reply.onCompleted();
    }
}
