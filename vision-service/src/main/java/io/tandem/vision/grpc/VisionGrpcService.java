package io.tandem.vision.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.VisionServiceGrpc;

/** The vision service on the wire: gives every call a thread and returns at once. Thread-safe. */
@GrpcService
public class VisionGrpcService extends VisionServiceGrpc.VisionServiceImplBase {

    private final UploadParts parts;

    /** @param parts what the calls use */
    public VisionGrpcService(UploadParts parts) {
        this.parts = parts;
    }

    @Override
    public StreamObserver<EncodeRequest> encode(StreamObserver<EncodeReply> replies) {
        ServerCallStreamObserver<EncodeReply> client = (ServerCallStreamObserver<EncodeReply>) replies;
        client.disableAutoRequest();
        Inbox inbox = new Inbox(client);
        parts.calls().serve(client, call -> new Upload(parts, inbox, call).answer());
        return inbox;
    }
}
