package io.tandem.runtime.calls;

import io.grpc.Deadline;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.concurrent.CompletableFuture;

/** One call in progress; ends its own waiting when nobody is to be answered any more. Thread-safe. */
public final class Call {

    private final Deadline deadline;

    /** Completed with why the call has ended early: {@code CANCELLED}, whatever the cause on the client's side, or {@code DRAINING}. */
    private final CompletableFuture<ErrorCode> gone = new CompletableFuture<>();

    /** @param deadline of the client, or null */
    Call(Deadline deadline) {
        this.deadline = deadline;
    }

    /** The client has gone or its deadline has passed. */
    void end() {
        gone.complete(ErrorCode.CANCELLED);
    }

    /** The service can't wait for the call any longer. */
    void drain() {
        gone.complete(ErrorCode.DRAINING);
    }

    /**
     * Has work told, once, that it is not wanted any more.
     *
     * @param listener called on the thread that ends the call, or at once if it has ended; it must only signal
     */
    public void onEnd(Runnable listener) {
        gone.thenRun(listener);
    }

    /**
     * Waits for a result, without a say in what becomes of it.
     *
     * @throws TandemException CANCELLED, DEADLINE_EXCEEDED or DRAINING if the call ends first
     * @throws java.util.concurrent.CompletionException with what the result failed with
     */
    public <R> R await(CompletableFuture<R> result) {
        if (!result.isDone()) {
            CompletableFuture.anyOf(result, gone).join();
        }
        requireWanted();
        return result.join();
    }

    /** @throws TandemException CANCELLED, DEADLINE_EXCEEDED or DRAINING if the answer is not wanted any more */
    public void requireWanted() {
        ErrorCode reason = gone.getNow(null);
        if (reason == null) {
            return;
        }
        if (reason == ErrorCode.DRAINING) {
            throw new TandemException(reason, null, "the service is shutting down");
        }
        if (deadline != null && deadline.isExpired()) {
            throw new TandemException(
                    ErrorCode.DEADLINE_EXCEEDED, null, "the deadline passed before the answer was ready");
        }
        throw new TandemException(reason, null, "the call was cancelled");
    }
}
