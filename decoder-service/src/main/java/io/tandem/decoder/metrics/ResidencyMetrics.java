package io.tandem.decoder.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the decoder counts of its encoder memories; names begin with {@code tandem_decoder_residency_} in Prometheus. Thread-safe. */
public final class ResidencyMetrics {

    private static final String PREFIX = "tandem.decoder.residency.";

    /** How a segment was found when a call got room for it. */
    public enum Found {
        /** Complete in memory. */
        RESIDENT,
        /** On its way into memory, for another call. */
        LOADING,
        /** Not there: fetched from the cache for this call. */
        ABSENT
    }

    private final Map<Found, Counter> segments = new EnumMap<>(Found.class);
    private final Map<Found, Counter> tokens = new EnumMap<>(Found.class);
    private final Timer load;
    private final Counter loadedBytes;
    private final Counter evictions;

    /** Registers all meters. */
    public ResidencyMetrics(MeterRegistry registry) {
        for (Found found : Found.values()) {
            segments.put(found, counter("segments", "Segments of calls, by how they were found", found, registry));
            tokens.put(found, counter("tokens", "Encoder tokens of these segments", found, registry));
        }
        load = Timer.builder(PREFIX + "load")
                .description("Time to fetch a segment's states and make a memory of them")
                .register(registry);
        loadedBytes = Counter.builder(PREFIX + "loaded.bytes")
                .description("Bytes of the memories that were made")
                .register(registry);
        evictions = Counter.builder(PREFIX + "evictions")
                .description("Memories dropped to make room")
                .register(registry);
    }

    private static Counter counter(String name, String description, Found found, MeterRegistry registry) {
        return Counter.builder(PREFIX + name)
                .description(description)
                .tag("found", found.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** A call got room for a segment. */
    public void found(Found found, int segmentTokens) {
        segments.get(found).increment();
        tokens.get(found).increment(segmentTokens);
    }

    /** A segment is complete in memory. */
    public void loaded(long bytes, long nanos) {
        load.record(nanos, TimeUnit.NANOSECONDS);
        loadedBytes.increment(bytes);
    }

    /** A memory made room for others. */
    public void evicted() {
        evictions.increment();
    }
}
