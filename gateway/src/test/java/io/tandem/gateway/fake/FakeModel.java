package io.tandem.gateway.fake;

import io.grpc.stub.StreamObserver;
import io.tandem.contract.model.v1.IdentifyReply;
import io.tandem.contract.model.v1.IdentifyRequest;
import io.tandem.contract.model.v1.ModelServiceGrpc;

/** Says that its process serves {@value #MODEL}, or what a test wants it to. */
public final class FakeModel extends ModelServiceGrpc.ModelServiceImplBase {

    /** What every fake serves. */
    public static final String MODEL = "fake-model";

    private volatile String model = MODEL;

    /** Serves another one from now on. */
    public void serve(String other) {
        model = other;
    }

    /** What it serves. */
    public String model() {
        return model;
    }

    void reset() {
        model = MODEL;
    }

    @Override
    public void identify(IdentifyRequest request, StreamObserver<IdentifyReply> response) {
        response.onNext(IdentifyReply.newBuilder().setModel(model).build());
        response.onCompleted();
    }
}
