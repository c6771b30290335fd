package io.tandem.hub;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A response's body as it comes, with a limit on how long nothing may come: the JDK's own time-out ends with the
 * headers. Read by the one thread that asked for it.
 */
final class TimedBody implements BodySubscriber<TimedBody>, AutoCloseable {

    /** What the connection says: bytes, a failure, or, if neither, the end. */
    private record Signal(List<ByteBuffer> buffers, Throwable failure) {}

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final CompletableFuture<TimedBody> ready = new CompletableFuture<>();
    private final Duration patience;
    private volatile Subscription subscription;

    TimedBody(Duration patience) {
        this.patience = patience;
    }

    /**
     * The next bytes; empty at the end.
     *
     * @throws UnreachableException if the connection breaks or nothing comes in time
     */
    Optional<List<ByteBuffer>> next() throws UnreachableException, InterruptedException {
        Signal signal = signals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (signal == null) {
            throw new UnreachableException("nothing came for " + patience.toSeconds() + " s", (Throwable) null);
        }
        if (signal.failure() != null) {
            throw new UnreachableException(
                    "the connection broke: " + signal.failure().getMessage(), signal.failure());
        }
        if (signal.buffers() == null) {
            signals.add(signal);
            return Optional.empty();
        }
        subscription.request(1);
        return Optional.of(signal.buffers());
    }

    /** Ends the response, whatever is still to come. */
    @Override
    public void close() {
        subscription.cancel();
    }

    /** This body, once it can be read and closed. */
    @Override
    public CompletionStage<TimedBody> getBody() {
        return ready;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(1);
        ready.complete(this);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        signals.add(new Signal(buffers, null));
    }

    @Override
    public void onError(Throwable failure) {
        ready.completeExceptionally(failure);
        signals.add(new Signal(null, failure));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal(null, null));
    }
}
