package io.tandem.gateway.pipeline;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A decoder's events, taken one by one: the decoder may be {@value #WINDOW} events ahead of {@link #next}, so the queue is
 * bounded by the protocol. Filled by gRPC, emptied by the request's thread.
 */
final class GenerationEvents implements ClientResponseObserver<GenerateRequest, GenerateEvent> {

    private static final int WINDOW = 16;

    private final BlockingQueue<Signal> arrived = new LinkedBlockingQueue<>();
    private final RequestScope scope;
    private ClientCallStreamObserver<GenerateRequest> call;

    GenerationEvents(RequestScope scope) {
        this.scope = scope;
    }

    /**
     * Waits for the next event.
     *
     * @return empty at the end of the stream
     */
    Optional<GenerateEvent> next() {
        Signal signal;
        try {
            signal = arrived.take();
        } catch (InterruptedException stopped) {
            scope.cancel();
            Thread.currentThread().interrupt();
            throw scope.whyOver();
        }
        return switch (signal) {
            case Event(GenerateEvent event) -> {
                call.request(1);
                yield Optional.of(event);
            }
            case Failure(Throwable failure) -> throw scope.failure(failure);
            case End() -> Optional.empty();
        };
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> call) {
        this.call = call;
        call.disableAutoRequestWithInitial(WINDOW);
    }

    @Override
    public void onNext(GenerateEvent event) {
        arrived.add(new Event(event));
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(new Failure(failure));
    }

    @Override
    public void onCompleted() {
        arrived.add(new End());
    }

    private sealed interface Signal {}

    private record Event(GenerateEvent event) implements Signal {}

    private record Failure(Throwable failure) implements Signal {}

    private record End() implements Signal {}
}
