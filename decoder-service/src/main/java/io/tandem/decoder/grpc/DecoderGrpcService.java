package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.StartupEvent;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.runtime.calls.Calls;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/** The decoder on the wire: gives every call a virtual thread and returns at once. Thread-safe. */
@GrpcService
public class DecoderGrpcService extends DecoderServiceGrpc.DecoderServiceImplBase {

    /** Null until the application starts. */
    private volatile CallParts parts;

    /** Takes what calls use. Not at construction, as making it loads the model, which gRPC's own threads must not wait for. */
    public void open(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event, CallParts made) {
        parts = made;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> responses) {
        CallParts opened = parts;
        if (opened == null) {
            Calls.refuseAsStarting(responses);
            return;
        }
        GenerateCall call = new GenerateCall(request, (ServerCallStreamObserver<GenerateEvent>) responses, opened);
        call.listen();
        opened.calls().serve(responses, call::answer);
    }
}
