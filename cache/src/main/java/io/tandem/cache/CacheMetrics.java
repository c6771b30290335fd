package io.tandem.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** Publishes a store's figures as {@code tandem_cache_*}; reads them when they are asked for. */
final class CacheMetrics {
    private CacheMetrics() {}

    /** Registers the meters; the registry doesn't keep the store alive. */
    static void bind(StateStore store, MeterRegistry registry) {
        gauge("entries", "States held", store, CacheStatistics::entries, registry);
        gauge("bytes", "Memory taken by states, in bytes", store, CacheStatistics::bytesHeld, registry);
        gauge("max.bytes", "Bound of the memory for states, in bytes", store, CacheStatistics::maxBytes, registry);
        counter("hits", "Look-ups that found a complete state", store, CacheStatistics::hits, registry);
        counter("misses", "Look-ups that found none", store, CacheStatistics::misses, registry);
        counter("lost", "States found incomplete or damaged", store, CacheStatistics::lost, registry);
        counter("writes", "States written", store, CacheStatistics::writes, registry);
        counter("read.bytes", "Chunk bytes read", store, CacheStatistics::bytesRead, registry);
        counter("written.bytes", "Chunk bytes written", store, CacheStatistics::bytesWritten, registry);
        counter("evictions", "Chunks and manifests dropped to make room", store, CacheStatistics::evictions, registry);
    }

    private static void gauge(
            String name,
            String description,
            StateStore store,
            ToDoubleFunction<CacheStatistics> value,
            MeterRegistry registry) {
        Gauge.builder("tandem.cache." + name, store, source -> value.applyAsDouble(source.statistics()))
                .description(description)
                .register(registry);
    }

    private static void counter(
            String name,
            String description,
            StateStore store,
            ToDoubleFunction<CacheStatistics> value,
            MeterRegistry registry) {
        FunctionCounter.builder("tandem.cache." + name, store, source -> value.applyAsDouble(source.statistics()))
                .description(description)
                .register(registry);
    }
}
