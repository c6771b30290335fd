package io.tandem.cache;

/**
 * The outcome of an operation that was begun. Used by the thread that began it.
 *
 * @param <T> what the operation answers
 */
@FunctionalInterface
interface Reply<T> {
    /**
     * Waits for the outcome, never longer than the time-out that began with the operation.
     *
     * @throws StoreUnavailableException if there is none
     */
    T await();

    /** An outcome that is there already. */
    static <T> Reply<T> of(T value) {
        return () -> value;
    }
}
