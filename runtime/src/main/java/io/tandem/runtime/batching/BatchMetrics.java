package io.tandem.runtime.batching;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Meters of one {@link BatchWorker}: queue depth, batch sizes, seconds, and the weight that was encoded. Thread-safe. */
public final class BatchMetrics implements BatchListener {

    private final Counter encoded;
    private final DistributionSummary batchSize;
    private final Timer batchDuration;
    private volatile int waiting;

    /**
     * Registers the meters.
     *
     * @param prefix such as {@code tandem.vision}
     * @param unit what weights count, such as {@code images}
     */
    public BatchMetrics(MeterRegistry registry, String prefix, String unit) {
        encoded = Counter.builder(prefix + "." + unit + ".encoded")
                .description("What the model computed; what came from the cache is not counted")
                .register(registry);
        batchSize = DistributionSummary.builder(prefix + ".batch." + unit)
                .description("Size of a batch in " + unit)
                .register(registry);
        batchDuration = Timer.builder(prefix + ".batch.duration")
                .description("Time the model took for a batch")
                .register(registry);
        Gauge.builder(prefix + ".queue.depth", this, metrics -> metrics.waiting)
                .description("Items that wait for the model")
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void waiting(int items) {
        waiting = items;
    }

    @Override
    public void ran(int items, int weight, long nanos) {
        encoded.increment(weight);
        batchSize.record(weight);
        batchDuration.record(nanos, TimeUnit.NANOSECONDS);
    }
}
