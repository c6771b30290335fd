package io.tandem.gateway.keys;

import java.time.Duration;

/**
 * What an owner of keys may still do.
 *
 * @param requests that may be sent
 * @param tokens that may be read and written
 */
public record QuotaState(Rate requests, Rate tokens) {

    /**
     * One of the two.
     *
     * @param limit a minute; 0 if there is none
     * @param remaining now
     * @param reset time until the whole limit remains
     */
    public record Rate(long limit, long remaining, Duration reset) {}
}
