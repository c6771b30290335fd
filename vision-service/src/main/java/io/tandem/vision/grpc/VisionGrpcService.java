package io.tandem.vision.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.StartupEvent;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.runtime.calls.Calls;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/** The vision service on the wire: gives every call a thread and returns at once. Thread-safe. */
@GrpcService
public class VisionGrpcService extends VisionServiceGrpc.VisionServiceImplBase {

    /** Null until the application starts. */
    private volatile UploadParts parts;

    /** Takes what calls use. Not at construction, as making it loads the model, which gRPC's own threads must not wait for. */
    void open(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event, UploadParts made) {
        parts = made;
    }

    @Override
    public StreamObserver<EncodeRequest> encode(StreamObserver<EncodeReply> replies) {
        ServerCallStreamObserver<EncodeReply> client = (ServerCallStreamObserver<EncodeReply>) replies;
        client.disableAutoRequest();
        Inbox inbox = new Inbox(client);
        UploadParts opened = parts;
        if (opened == null) {
            Calls.refuseAsStarting(client);
        } else {
            opened.calls().serve(client, call -> new Upload(opened, inbox, call).answer());
        }
        return inbox;
    }
}
