package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;

/** The decoder on the wire: gives every call a virtual thread and returns at once. Thread-safe. */
@GrpcService
public class DecoderGrpcService extends DecoderServiceGrpc.DecoderServiceImplBase {

    private final CallParts parts;

    /** @param parts what the calls use */
    public DecoderGrpcService(CallParts parts) {
        this.parts = parts;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> responses) {
        GenerateCall call = new GenerateCall(request, (ServerCallStreamObserver<GenerateEvent>) responses, parts);
        call.listen();
        Thread.ofVirtual().name("generate").start(call);
    }
}
