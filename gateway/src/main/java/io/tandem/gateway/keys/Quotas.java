package io.tandem.gateway.keys;

import io.tandem.gateway.config.GatewayConfig;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** What every owner of keys has used of its limits; without keys nobody has any. One for the process; thread-safe. */
public final class Quotas {

    private final GatewayConfig.Keys settings;
    private final LongSupplier nanoClock;
    private final Quota ofEverybody;
    /** As many as there are owners. */
    private final Map<String, Quota> byOwner = new ConcurrentHashMap<>();

    /** @param nanoClock as {@link System#nanoTime} */
    public Quotas(GatewayConfig.Keys settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.ofEverybody = new Quota(KeyLimits.NONE, nanoClock);
    }

    /** @param owner of the key, or empty when everybody may ask */
    public Quota of(String owner) {
        return owner.isEmpty()
                ? ofEverybody
                : byOwner.computeIfAbsent(owner, name -> new Quota(KeyLimits.of(settings, name), nanoClock));
    }
}
