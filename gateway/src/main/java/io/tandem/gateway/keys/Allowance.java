package io.tandem.gateway.keys;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * So much a minute: what is taken comes back evenly, and never is there more than a minute's worth. May be overdrawn, by what
 * costs more than was known. Owned, and locked, by a {@link Quota}.
 */
final class Allowance {

    private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final long perMinute;
    private double left;
    private long countedAt;

    /** @param perMinute without limit if 0 */
    Allowance(long perMinute, long nowNanos) {
        this.perMinute = perMinute;
        this.left = perMinute;
        this.countedAt = nowNanos;
    }

    /** Adds what has come back until now. */
    void refill(long nowNanos) {
        left = Math.min(perMinute, left + perMinute * ((nowNanos - countedAt) / MINUTE_NANOS));
        countedAt = nowNanos;
    }

    boolean isUsedUp() {
        return perMinute > 0 && left < 1;
    }

    /** A negative amount gives something back. */
    void take(long amount) {
        left = Math.min(perMinute, left - amount);
    }

    /** Time until it is not used up any more. */
    Duration untilUsable() {
        return isUsedUp() ? timeFor(1 - left) : Duration.ZERO;
    }

    QuotaState.Rate state() {
        return new QuotaState.Rate(perMinute, Math.max(0, (long) left), timeFor(perMinute - left));
    }

    private Duration timeFor(double amount) {
        return perMinute == 0 ? Duration.ZERO : Duration.ofNanos((long) Math.ceil(amount / perMinute * MINUTE_NANOS));
    }
}
