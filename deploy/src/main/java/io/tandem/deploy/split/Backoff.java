package io.tandem.deploy.split;

import java.time.Duration;

/** How long a process that ended waits for its next start: not at all, then longer and longer while it does not last. For one thread. */
final class Backoff {

    /** A process that lived longer than this counts as one that worked. */
    private static final Duration STABLE = Duration.ofSeconds(30);

    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private Duration next = Duration.ZERO;

    /**
     * The wait after an end.
     *
     * @param lived from its start
     */
    Duration after(Duration lived) {
        if (lived.compareTo(STABLE) > 0) {
            next = Duration.ZERO;
        }
        Duration wait = next;
        Duration doubled = next.isZero() ? FIRST : next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return wait;
    }
}
