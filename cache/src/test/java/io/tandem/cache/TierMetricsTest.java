package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every figure of a tier reaches the registry under its own name, with the tier's as label. */
class TierMetricsTest {
    @Test
    void figuresArePublished() {
        StateStores.Opened opened = StateStores.openTiers(
                States.config(Map.of("tandem.cache.max-size", "8M", "tandem.cache.chunk-size", "4K")));
        try (StateStore store = opened.store()) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            opened.tiers().forEach(tier -> TierMetrics.bind(tier, registry));
            StateManifest manifest = States.write(store, States.key(1), States.values(100, 64, 1), 64);
            States.read(store, States.key(1));
            States.read(store, States.key(2));
            int manifestBytes = StateCodec.manifestLength(manifest.chunkCount());
            assertEquals(
                    new TreeMap<>(Map.of(
                            "tandem.cache.tier.bytes",
                                    (double) store.statistics().bytesHeld(),
                            "tandem.cache.tier.hits", 8.0,
                            "tandem.cache.tier.misses", 1.0,
                            "tandem.cache.tier.read.bytes", 25_600.0 + manifestBytes,
                            "tandem.cache.tier.written.bytes", 25_600.0 + manifestBytes,
                            "tandem.cache.tier.errors", 0.0,
                            "tandem.cache.tier.skipped", 0.0,
                            "tandem.cache.tier.read", 9.0,
                            "tandem.cache.tier.write", 8.0)),
                    published(registry));
            assertTrue(registry.get("tandem.cache.tier.read").functionTimer().totalTime(TimeUnit.NANOSECONDS) > 0);
        }
    }

    private static Map<String, Double> published(SimpleMeterRegistry registry) {
        Map<String, Double> published = new TreeMap<>();
        for (Meter meter : registry.getMeters()) {
            assertEquals("local", meter.getId().getTag("tier"));
            meter.measure().forEach(measurement -> {
                if (measurement.getStatistic() != Statistic.TOTAL_TIME) {
                    published.put(meter.getId().getName(), measurement.getValue());
                }
            });
        }
        return published;
    }
}
