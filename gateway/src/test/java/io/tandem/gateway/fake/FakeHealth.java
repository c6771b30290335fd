package io.tandem.gateway.fake;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Says SERVING for every service but those that a test has taken down. */
public final class FakeHealth extends HealthGrpc.HealthImplBase {

    private final Set<String> down = ConcurrentHashMap.newKeySet();

    /** Takes a service down, or up again. */
    public void serving(String service, boolean serving) {
        if (serving) {
            down.remove(service);
        } else {
            down.add(service);
        }
    }

    void reset() {
        down.clear();
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
        ServingStatus status = down.contains(request.getService()) ? ServingStatus.NOT_SERVING : ServingStatus.SERVING;
        response.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
        response.onCompleted();
    }
}
