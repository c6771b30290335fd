package io.tandem.cache;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import java.util.Locale;

/**
 * Gives the application its one state store, opened at its first use and closed at shutdown. An application in which
 * nothing injects {@link StateStore} starts none.
 */
@ApplicationScoped
public class StateStoreProducer {
    /** Opens the store and binds its metrics, where the application has a registry. */
    @Produces
    @ApplicationScoped
    StateStore open(CacheConfig config, Instance<MeterRegistry> registry) {
        StateStores.Opened opened = StateStores.openTiers(config);
        if (registry.isResolvable()) {
            CacheMetrics.bind(opened.store(), registry.get());
            opened.tiers().forEach(tier -> TierMetrics.bind(tier, registry.get()));
        }
        return new TracedStateStore(opened.store(), config.mode().name().toLowerCase(Locale.ROOT));
    }

    /** Called by the container at shutdown. */
    void close(@Disposes StateStore store) {
        store.close();
    }
}
