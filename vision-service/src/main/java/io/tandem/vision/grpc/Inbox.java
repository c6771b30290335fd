package io.tandem.vision.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.runtime.calls.Call;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The messages of one call, each asked of the client only when it is wanted, so that a fast client is held up. Filled by gRPC's
 * thread, emptied by the call's.
 */
final class Inbox implements StreamObserver<EncodeRequest> {

    private final ServerCallStreamObserver<?> client;

    /** What was asked for last; replaced, under the lock, before the next message is asked for. */
    private CompletableFuture<Optional<EncodeRequest>> next = new CompletableFuture<>();

    private boolean completed;

    Inbox(ServerCallStreamObserver<?> client) {
        this.client = client;
    }

    /**
     * Waits for the client's next message; empty when it has sent all.
     *
     * @throws TandemException if the call ends first
     */
    Optional<EncodeRequest> take(Call call) {
        CompletableFuture<Optional<EncodeRequest>> wanted;
        synchronized (this) {
            next = completed ? CompletableFuture.completedFuture(Optional.empty()) : new CompletableFuture<>();
            wanted = next;
        }
        client.request(1);
        return call.await(wanted);
    }

    @Override
    public synchronized void onNext(EncodeRequest message) {
        next.complete(Optional.of(message));
    }

    @Override
    public synchronized void onCompleted() {
        completed = true;
        next.complete(Optional.empty());
    }

    @Override
    public synchronized void onError(Throwable cancelled) {
        next.completeExceptionally(new TandemException(ErrorCode.CANCELLED, null, "the call was cancelled", cancelled));
    }
}
