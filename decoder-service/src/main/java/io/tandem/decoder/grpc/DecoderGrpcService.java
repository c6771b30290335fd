package io.tandem.decoder.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.function.Supplier;

/** The decoder on the wire: gives every call a virtual thread and returns at once. Thread-safe. */
@GrpcService
public class DecoderGrpcService extends DecoderServiceGrpc.DecoderServiceImplBase {

    private final Supplier<CallParts> parts;

    /** @param parts looked up by the calls: the server's own thread must not wait for the model to load */
    @Inject
    public DecoderGrpcService(Instance<CallParts> parts) {
        this(parts::get);
    }

    /** @param parts what the calls use */
    public DecoderGrpcService(Supplier<CallParts> parts) {
        this.parts = parts;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateEvent> responses) {
        GenerateCall call = new GenerateCall(request, (ServerCallStreamObserver<GenerateEvent>) responses, parts);
        call.listen();
        Thread.ofVirtual().name("generate").start(call);
    }
}
