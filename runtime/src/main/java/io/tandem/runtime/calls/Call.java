package io.tandem.runtime.calls;

import io.grpc.Deadline;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.concurrent.CompletableFuture;

/** One call in progress; ends its own waiting when the client goes away or the deadline passes. Thread-safe. */
public final class Call {

    private final Deadline deadline;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    /** @param deadline of the client, or null */
    Call(Deadline deadline) {
        this.deadline = deadline;
    }

    /** The client has gone or its deadline has passed. */
    void end() {
        gone.complete(null);
    }

    /**
     * Waits for a result, without a say in what becomes of it.
     *
     * @throws TandemException CANCELLED or DEADLINE_EXCEEDED if the call ends first
     * @throws java.util.concurrent.CompletionException with what the result failed with
     */
    public <R> R await(CompletableFuture<R> result) {
        if (!result.isDone()) {
            CompletableFuture.anyOf(result, gone).join();
        }
        requireWanted();
        return result.join();
    }

    /** @throws TandemException CANCELLED or DEADLINE_EXCEEDED if nobody waits for the answer any more */
    public void requireWanted() {
        if (!gone.isDone()) {
            return;
        }
        if (deadline != null && deadline.isExpired()) {
            throw new TandemException(
                    ErrorCode.DEADLINE_EXCEEDED, null, "the deadline passed before the answer was ready");
        }
        throw new TandemException(ErrorCode.CANCELLED, null, "the call was cancelled");
    }
}
