package io.tandem.gateway.keys;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What one owner of keys has used of its limits. Thread-safe. */
public final class Quota {

    private static final String SETTING = "tandem.gateway.keys.limits.";

    private final KeyLimits limits;
    private final LongSupplier nanoClock;
    private final Allowance requests;
    private final Allowance tokens;
    private int concurrent;

    Quota(KeyLimits limits, LongSupplier nanoClock) {
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.requests = new Allowance(limits.requestsPerMinute(), nanoClock.getAsLong());
        this.tokens = new Allowance(limits.tokensPerMinute(), nanoClock.getAsLong());
    }

    /**
     * Takes one more request in.
     *
     * @throws TandemException RATE_LIMIT_EXCEEDED, naming both numbers and the setting
     */
    public synchronized Lease enter() {
        refill();
        if (limits.concurrentRequests() > 0 && concurrent >= limits.concurrentRequests()) {
            throw exceeded(
                    "has %,d requests under way, limit %,d".formatted(concurrent, limits.concurrentRequests()),
                    "concurrent-requests");
        }
        if (requests.isUsedUp()) {
            throw exceeded(
                    "has sent more requests than its limit, %,d a minute".formatted(limits.requestsPerMinute()),
                    "requests-per-minute");
        }
        if (tokens.isUsedUp()) {
            throw exceeded(
                    "has used more tokens than its limit, %,d a minute".formatted(limits.tokensPerMinute()),
                    "tokens-per-minute");
        }
        requests.take(1);
        concurrent++;
        return new Lease();
    }

    /** What is left; empty for an owner without limits. */
    public synchronized Optional<QuotaState> state() {
        refill();
        return limits.requestsPerMinute() == 0 && limits.tokensPerMinute() == 0
                ? Optional.empty()
                : Optional.of(new QuotaState(requests.state(), tokens.state()));
    }

    /** Tokens that are left of this minute's, 0 while there is a debt; {@link Long#MAX_VALUE} without a limit. */
    public synchronized long tokensLeft() {
        refill();
        return limits.tokensPerMinute() == 0 ? Long.MAX_VALUE : tokens.state().remaining();
    }

    /** Counts the tokens of an answer, which are known only now: what comes next has to wait if they were too many. */
    public synchronized void spend(long used) {
        refill();
        tokens.take(used);
    }

    /** Seconds until a refused request may come in, unless others come first; at least 1. */
    public synchronized int retryAfterSeconds() {
        refill();
        Duration wait = requests.untilUsable().compareTo(tokens.untilUsable()) > 0
                ? requests.untilUsable()
                : tokens.untilUsable();
        return Math.toIntExact(Math.max(1, Math.ceilDiv(wait.toMillis(), TimeUnit.SECONDS.toMillis(1))));
    }

    private void refill() {
        long now = nanoClock.getAsLong();
        requests.refill(now);
        tokens.refill(now);
    }

    private TandemException exceeded(String what, String setting) {
        return new TandemException(
                ErrorCode.RATE_LIMIT_EXCEEDED,
                null,
                "The owner of this key %s; retry in %d s or raise %s%s."
                        .formatted(what, retryAfterSeconds(), SETTING, setting));
    }

    /** One request's part of the quota; whoever took it closes it, once or more often. */
    public final class Lease implements AutoCloseable {
        // Guarded by the quota.
        private boolean closed;

        private Lease() {}

        /** As {@link Quota#spend}. */
        public void spend(long used) {
            Quota.this.spend(used);
        }

        /** Closes it as if the request had never come. */
        public void undo() {
            synchronized (Quota.this) {
                requests.take(-1);
                close();
            }
        }

        @Override
        public void close() {
            synchronized (Quota.this) {
                if (!closed) {
                    closed = true;
                    concurrent--;
                }
            }
        }
    }
}
