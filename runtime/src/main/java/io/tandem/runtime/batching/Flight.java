package io.tandem.runtime.batching;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Work that several callers wait for, as the thread that does it sees it. */
public interface Flight {

    /**
     * Waits for a step of the work; the step is cancelled when no caller waits for the flight any more.
     *
     * @throws CancellationException if nobody waits any more
     * @throws java.util.concurrent.CompletionException with what the step failed with
     */
    <R> R await(CompletableFuture<R> step);

    /** @throws CancellationException if nobody waits any more */
    void requireWanted();
}
