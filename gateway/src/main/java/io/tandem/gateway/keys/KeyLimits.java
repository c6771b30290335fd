package io.tandem.gateway.keys;

import io.tandem.gateway.config.GatewayConfig;
import java.util.Optional;

/**
 * How much an owner of keys may ask for; 0 is without limit.
 *
 * @param requestsPerMinute to all routes together
 * @param tokensPerMinute read and written
 * @param concurrentRequests that run or wait
 */
public record KeyLimits(long requestsPerMinute, long tokensPerMinute, int concurrentRequests) {

    static final KeyLimits NONE = new KeyLimits(0, 0, 0);

    /** @throws IllegalArgumentException if one is negative */
    public KeyLimits {
        if (requestsPerMinute < 0 || tokensPerMinute < 0 || concurrentRequests < 0) {
            throw new IllegalArgumentException(
                    "tandem.gateway.keys: limits are %d requests and %d tokens a minute, %d requests at a time; none may be negative"
                            .formatted(requestsPerMinute, tokensPerMinute, concurrentRequests));
        }
    }

    /** As configured for an owner, or else for all. */
    static KeyLimits of(GatewayConfig.Keys settings, String owner) {
        GatewayConfig.KeyLimits all = settings.limits();
        KeyLimits usual = new KeyLimits(all.requestsPerMinute(), all.tokensPerMinute(), all.concurrentRequests());
        return Optional.ofNullable(settings.owners().get(owner))
                .map(own -> new KeyLimits(
                        own.requestsPerMinute().orElse(usual.requestsPerMinute),
                        own.tokensPerMinute().orElse(usual.tokensPerMinute),
                        own.concurrentRequests().orElse(usual.concurrentRequests)))
                .orElse(usual);
    }
}
