package io.tandem.gateway.pipeline;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The one reply of a call, as a future. Thread-safe. */
final class SingleReply<T> implements StreamObserver<T> {

    private final CompletableFuture<T> reply = new CompletableFuture<>();

    CompletableFuture<T> future() {
        return reply;
    }

    @Override
    public void onNext(T value) {
        reply.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
        reply.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        // Without effect when a reply came before.
        reply.completeExceptionally(Status.INTERNAL
                .withDescription("the call ended without a reply")
                .asRuntimeException());
    }
}
