package io.tandem.runtime.model;

import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.StartupEvent;
import io.tandem.contract.model.v1.IdentifyReply;
import io.tandem.contract.model.v1.IdentifyRequest;
import io.tandem.contract.model.v1.ModelServiceGrpc;
import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.calls.Calls;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/** Says which model this process serves. Thread-safe. */
@GrpcService
public class ModelGrpcService extends ModelServiceGrpc.ModelServiceImplBase {

    /** Null until the application starts. */
    private volatile ModelIdentity identity;

    /** Not at construction, as making it loads the model, which gRPC's own threads must not wait for. */
    void open(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event, ModelIdentity made) {
        identity = made;
    }

    @Override
    public void identify(IdentifyRequest request, StreamObserver<IdentifyReply> replies) {
        ModelIdentity known = identity;
        if (known == null) {
            Calls.refuseAsStarting(replies);
            return;
        }
        replies.onNext(IdentifyReply.newBuilder().setModel(known.value()).build());
        replies.onCompleted();
    }
}
