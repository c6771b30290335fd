package io.tandem.gateway.http;

import io.tandem.gateway.keys.QuotaState;
import java.time.Duration;

/** The headers that tell a key's owner what is left, as OpenAI has them. */
final class RateLimitHeaders {

    private RateLimitHeaders() {}

    static void set(Exchange exchange, QuotaState state) {
        set(exchange, "requests", state.requests());
        set(exchange, "tokens", state.tokens());
    }

    private static void set(Exchange exchange, String what, QuotaState.Rate rate) {
        if (rate.limit() > 0) {
            exchange.header("x-ratelimit-limit-" + what, Long.toString(rate.limit()));
            exchange.header("x-ratelimit-remaining-" + what, Long.toString(rate.remaining()));
            exchange.header("x-ratelimit-reset-" + what, text(rate.reset()));
        }
    }

    /** As in {@code 1m30s}, {@code 2s} or {@code 20ms}. */
    static String text(Duration time) {
        if (time.toMillis() < 1000) {
            return time.toMillis() + "ms";
        }
        long seconds = time.plusMillis(999).toSeconds();
        return seconds < 60 ? seconds + "s" : "%dm%ds".formatted(seconds / 60, seconds % 60);
    }
}
