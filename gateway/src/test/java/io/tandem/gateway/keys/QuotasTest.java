package io.tandem.gateway.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QuotasTest {

    private final AtomicLong clock = new AtomicLong(5);

    @Test
    void requestsComeBackEvenly() {
        Quota quota = new Quota(new KeyLimits(60, 0, 0), clock::get);
        for (int i = 0; i < 60; i++) {
            quota.enter().close();
        }
        TandemException refusal = refusal(quota);
        assertEquals(
                "The owner of this key has sent more requests than its limit, 60 a minute; retry in 1 s or raise"
                        + " tandem.gateway.keys.limits.requests-per-minute.",
                refusal.getMessage());
        assertEquals(1, quota.retryAfterSeconds());
        assertEquals(
                new QuotaState.Rate(60, 0, Duration.ofMinutes(1)),
                quota.state().orElseThrow().requests());
        clock.addAndGet(Duration.ofSeconds(2).toNanos());
        quota.enter();
        quota.enter();
        refusal(quota);
        clock.addAndGet(Duration.ofHours(1).toNanos());
        assertEquals(60, quota.state().orElseThrow().requests().remaining(), "never more than a minute's worth");
    }

    @Test
    void tokensAreCountedAfterwardsAndMayBeOverdrawn() {
        Quota quota = new Quota(new KeyLimits(0, 600, 0), clock::get);
        try (Quota.Lease lease = quota.enter()) {
            lease.spend(700);
        }
        assertEquals(0, quota.state().orElseThrow().tokens().remaining());
        assertTrue(refusal(quota).getMessage().contains("more tokens than its limit, 600 a minute; retry in 11 s"));
        assertEquals(11, quota.retryAfterSeconds(), "101 tokens, ten a second");
        clock.addAndGet(Duration.ofSeconds(11).toNanos());
        quota.enter();
    }

    @Test
    void leasesCountOnceHoweverOftenTheyAreClosed() {
        Quota quota = new Quota(new KeyLimits(0, 0, 2), clock::get);
        Quota.Lease first = quota.enter();
        Quota.Lease second = quota.enter();
        assertEquals(
                "The owner of this key has 2 requests under way, limit 2; retry in 1 s or raise"
                        + " tandem.gateway.keys.limits.concurrent-requests.",
                refusal(quota).getMessage());
        first.close();
        first.close();
        quota.enter();
        refusal(quota);
        second.close();
    }

    @Test
    void requestThatNeverRanIsNotCounted() {
        Quota quota = new Quota(new KeyLimits(2, 0, 1), clock::get);
        quota.enter().undo();
        assertEquals(2, quota.state().orElseThrow().requests().remaining());
        quota.enter().undo();
        quota.enter();
        assertEquals(1, quota.state().orElseThrow().requests().remaining());
    }

    @Test
    void withoutLimitsNothingIsSaid() {
        Quota quota = new Quota(KeyLimits.NONE, clock::get);
        for (int i = 0; i < 1000; i++) {
            quota.enter().spend(1_000_000);
        }
        assertTrue(quota.state().isEmpty());
    }

    @Test
    void negativeLimitsAreNamed() {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> new KeyLimits(1, -2, 3));
        assertTrue(refusal.getMessage().startsWith("tandem.gateway.keys: limits are 1 requests and -2 tokens"));
    }

    private static TandemException refusal(Quota quota) {
        TandemException refusal = assertThrows(TandemException.class, quota::enter);
        assertEquals(ErrorCode.RATE_LIMIT_EXCEEDED, refusal.code());
        return refusal;
    }
}
