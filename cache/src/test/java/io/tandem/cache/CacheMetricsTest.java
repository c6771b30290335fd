package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every figure of a store reaches the registry under its own name. */
class CacheMetricsTest {
    @Test
    void figuresArePublished() {
        try (StateStore store = States.openLocal("1M", "4K")) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            CacheMetrics.bind(store, registry);
            States.write(store, States.key(1), States.values(100, 64, 1), 64);
            store.find(States.key(1));
            store.find(States.key(2));
            store.find(States.key(3));
            CacheStatistics figures = store.statistics();
            Map<String, Double> published = new TreeMap<>();
            for (Meter meter : registry.getMeters()) {
                published.put(
                        meter.getId().getName(),
                        meter.measure().iterator().next().getValue());
            }
            assertEquals(
                    new TreeMap<>(Map.of(
                            "tandem.cache.entries", 1.0,
                            "tandem.cache.bytes", (double) figures.bytesHeld(),
                            "tandem.cache.max.bytes", 1_048_576.0,
                            "tandem.cache.hits", 1.0,
                            "tandem.cache.misses", 2.0,
                            "tandem.cache.lost", 0.0,
                            "tandem.cache.writes", 1.0,
                            "tandem.cache.read.bytes", 0.0,
                            "tandem.cache.written.bytes", 25_600.0,
                            "tandem.cache.evictions", 0.0)),
                    published);
        }
    }
}
