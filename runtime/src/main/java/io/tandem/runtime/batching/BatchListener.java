package io.tandem.runtime.batching;

/** Hears what a {@link BatchWorker} does; called by any thread, must not block. */
public interface BatchListener {

    /** So many items wait now. */
    void waiting(int items);

    /**
     * A batch was run to its end.
     *
     * @param items in the batch
     * @param weight their sum of weights
     * @param nanos time the runner took
     */
    void ran(int items, int weight, long nanos);
}
