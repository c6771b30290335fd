package io.tandem.bench;

/** Looks into a run once more after it was timed. */
@FunctionalInterface
interface Breakdown {

    /** Looks at nothing. */
    Breakdown NONE = (measured, run) -> {};

    /**
     * Runs a measure again and reports what it is made of.
     *
     * @param measured what was timed, as in {@code encode 512}
     * @param run already warm
     */
    void of(String measured, Runnable run);
}
