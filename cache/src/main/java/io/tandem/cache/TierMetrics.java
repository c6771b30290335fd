package io.tandem.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Publishes what each tier does as {@code tandem_cache_tier_*}, with its name as label; reads figures when they are asked for. */
final class TierMetrics {
    private static final String PREFIX = "tandem.cache.tier.";

    private TierMetrics() {}

    /** Registers the meters; the registry doesn't keep the tier alive. */
    static void bind(Tier tier, MeterRegistry registry) {
        Gauge.builder(PREFIX + "bytes", tier, source -> source.tierStatistics().bytesHeld())
                .description("Memory or disk taken by states, in bytes")
                .tag("tier", tier.tierName())
                .register(registry);
        counter("hits", "Reads of entries, on disk of states, that found them", tier, TierStatistics::hits, registry);
        counter("misses", "Reads that found nothing", tier, TierStatistics::misses, registry);
        counter("read.bytes", "Bytes read", tier, TierStatistics::bytesRead, registry);
        counter("written.bytes", "Bytes written", tier, TierStatistics::bytesWritten, registry);
        counter("errors", "Reads and writes that failed", tier, TierStatistics::errors, registry);
        counter("skipped", "Writes given up", tier, TierStatistics::skipped, registry);
        FunctionTimer.builder(
                        PREFIX + "read",
                        tier,
                        source -> source.tierStatistics().hits()
                                + source.tierStatistics().misses(),
                        source -> source.tierStatistics().readNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Time that callers waited for reads")
                .tag("tier", tier.tierName())
                .register(registry);
        FunctionTimer.builder(
                        PREFIX + "write",
                        tier,
                        source -> source.tierStatistics().writes(),
                        source -> source.tierStatistics().writeNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Time that callers waited for writes, on disk that the writer took")
                .tag("tier", tier.tierName())
                .register(registry);
    }

    private static void counter(
            String name,
            String description,
            Tier tier,
            ToDoubleFunction<TierStatistics> value,
            MeterRegistry registry) {
        FunctionCounter.builder(PREFIX + name, tier, source -> value.applyAsDouble(source.tierStatistics()))
                .description(description)
                .tag("tier", tier.tierName())
                .register(registry);
    }
}
