package io.tandem.decoder.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What the decoder counts; names begin with {@code tandem_decoder_} in Prometheus. Thread-safe. */
public final class DecoderMetrics {

    private static final String PREFIX = "tandem.decoder.";
    /** Of figures that vLLM has too, under its names. */
    private static final String VLLM = "vllm:";

    private final MeterRegistry registry;
    private final Counter tokens;
    private final Counter steps;
    private final Counter preemptions;
    private final Counter vllmPreemptions;
    private final Counter proposed;
    private final Counter accepted;
    private final DistributionSummary batchSize;

    /** By powers of two, up to which the sequences of a step were; made when one of that size was run. Of the step thread. */
    private final Timer[] stepDurations = new Timer[Integer.SIZE];

    private final Timer queueWait;

    private volatile int slotsUsed;
    private volatile int pagesFree;
    private volatile int pagesTotal;

    /** Registers all meters. */
    public DecoderMetrics(MeterRegistry registry) {
        this.registry = registry;
        tokens = counter("tokens", "Tokens generated, those that nobody took included");
        steps = counter("steps", "Decoder steps run");
        preemptions = counter("preemptions", "Sequences that gave their pages back for an older one");
        vllmPreemptions = vllmCounter("num_preemptions", "Sequences that gave their pages back for an older one");
        proposed = counter("speculation.proposed", "Tokens guessed, which steps read to verify them");
        accepted = counter("speculation.accepted", "Tokens guessed rightly, which needed no step of their own");
        batchSize = DistributionSummary.builder(PREFIX + "batch.size")
                .description("Sequences in a step")
                .register(registry);
        queueWait = Timer.builder(PREFIX + "queue.wait")
                .description("From a call's arrival to its place in the batch, without the transfer of states")
                .register(registry);
        gauge("slots.used", "Sequences that hold a place, paused ones included", this, metrics -> metrics.slotsUsed);
        gauge("pages.free", "Pages for the decoder's own keys and values that are free", this, m -> m.pagesFree);
        gauge("pages", "Pages for the decoder's own keys and values", this, m -> m.pagesTotal);
        Gauge.builder(VLLM + "kv_cache_usage_perc", this, DecoderMetrics::pageUse)
                .description("Part of the pages that is in use, 0 to 1")
                .register(registry);
    }

    /** Part of the pages that is in use, 0 to 1. */
    private double pageUse() {
        return pagesTotal == 0 ? 0 : pagesUsed() / (double) pagesTotal;
    }

    /** Registers the value of a gauge that another object knows; the object must live as long as the registry. */
    public <T> void gauge(String name, String description, T owner, ToDoubleFunction<T> value) {
        Gauge.builder(PREFIX + name, owner, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /** A step was run with so many sequences. */
    public void stepped(int sequences) {
        steps.increment();
        batchSize.record(sequences);
    }

    /** A step of so many sequences, at least 1, took so long with all that belongs to it; from the step thread. */
    public void stepTook(int sequences, long nanos) {
        int power = Integer.SIZE - Integer.numberOfLeadingZeros(sequences - 1);
        if (stepDurations[power] == null) {
            stepDurations[power] = Timer.builder(PREFIX + "step.duration")
                    .description("Time from one step to the next, by the power of two up to which its sequences were")
                    .tag("sequences", String.valueOf(1 << power))
                    .register(registry);
        }
        stepDurations[power].record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Tokens were chosen. */
    public void generated(int count) {
        tokens.increment(count);
    }

    /** Guesses of a sequence were verified. */
    public void speculated(int guesses, int right) {
        proposed.increment(guesses);
        accepted.increment(right);
    }

    /** A sequence lost its pages. */
    public void preempted() {
        preemptions.increment();
        vllmPreemptions.increment();
    }

    /** A call got its place in the batch. */
    public void queued(Duration wait) {
        queueWait.record(wait);
    }

    /** Who holds what now; from the step thread. */
    public void occupancy(int slots, int freePages, int totalPages) {
        slotsUsed = slots;
        pagesFree = freePages;
        pagesTotal = totalPages;
    }

    /** Sequences that hold a place. */
    public int slotsUsed() {
        return slotsUsed;
    }

    /** Pages in use. */
    public int pagesUsed() {
        return pagesTotal - pagesFree;
    }

    private Counter counter(String name, String description) {
        return Counter.builder(PREFIX + name).description(description).register(registry);
    }

    private Counter vllmCounter(String name, String description) {
        return Counter.builder(VLLM + name).description(description).register(registry);
    }
}
