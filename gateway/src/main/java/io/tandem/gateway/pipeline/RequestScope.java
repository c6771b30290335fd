package io.tandem.gateway.pipeline;

import io.grpc.Context;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The life of one request: its deadline and its cancellation, both of which every gRPC call started inside it inherits. Owned by
 * the request's thread; {@link #cancel} may come from any thread.
 */
public final class RequestScope implements AutoCloseable {

    private final Context.CancellableContext context;

    private RequestScope(Context.CancellableContext context) {
        this.context = context;
    }

    /**
     * Begins a request's life.
     *
     * @param deadline time that it has
     * @param timer ends it when the time is over
     */
    public static RequestScope open(Duration deadline, ScheduledExecutorService timer) {
        return new RequestScope(Context.ROOT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS, timer));
    }

    /** Ends every call of the request at once and every wait with {@link ErrorCode#CANCELLED}. */
    public void cancel() {
        context.cancel(new TandemException(ErrorCode.CANCELLED, null, "The client went away."));
    }

    /** True when the request was cancelled, ran out of time or is over. */
    public boolean isOver() {
        return context.isCancelled();
    }

    /** Runs what starts a gRPC call, so that the call belongs to this request. */
    public void run(Runnable start) {
        context.run(start);
    }

    /**
     * Waits for a step of the request.
     *
     * @throws TandemException the step's failure, CANCELLED or DEADLINE_EXCEEDED
     */
    public <T> T await(CompletableFuture<T> step) {
        Context.CancellationListener listener = over -> step.completeExceptionally(whyOver());
        context.addListener(listener, Runnable::run);
        try {
            return step.get();
        } catch (ExecutionException failed) {
            throw failure(failed.getCause());
        } catch (InterruptedException stopped) {
            cancel();
            Thread.currentThread().interrupt();
            throw whyOver();
        } finally {
            context.removeListener(listener);
        }
    }

    /**
     * Lets time pass.
     *
     * @throws TandemException CANCELLED or DEADLINE_EXCEEDED if the request ends first
     */
    void pause(Duration length) {
        await(new CompletableFuture<Void>().completeOnTimeout(null, length.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** What the failure of a step means for the request. */
    TandemException failure(Throwable ofStep) {
        if (isOver()) {
            return whyOver();
        }
        TandemException failure = GrpcErrors.fromStatus(ofStep);
        // Nobody here cancelled: the service did, as it does when it is stopped.
        return failure.code() == ErrorCode.CANCELLED
                ? new TandemException(ErrorCode.UNAVAILABLE, null, "A service gave the request up.", failure)
                : failure;
    }

    /** The failure of everything that is still going on in a request that is over. */
    TandemException whyOver() {
        Throwable cause = context.cancellationCause();
        if (cause instanceof TimeoutException) {
            return new TandemException(ErrorCode.DEADLINE_EXCEEDED, null, "The request took longer than it may.");
        }
        return cause instanceof TandemException known
                ? known
                : new TandemException(ErrorCode.CANCELLED, null, "The request is over.", cause);
    }

    /** Ends the request's life, and with it whatever it left running. */
    @Override
    public void close() {
        context.cancel(null);
    }
}
