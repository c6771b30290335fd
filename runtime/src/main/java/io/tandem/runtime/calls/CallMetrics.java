package io.tandem.runtime.calls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tandem.contract.ErrorCode;
import java.util.concurrent.TimeUnit;

/** Counts the calls of one service by outcome, {@code ok} or the label of an error, and how long answers took. */
final class CallMetrics {

    private final MeterRegistry registry;
    private final String prefix;
    private final Timer duration;

    /** @param prefix such as {@code tandem.vision} */
    CallMetrics(MeterRegistry registry, String prefix) {
        this.registry = registry;
        this.prefix = prefix;
        this.duration = Timer.builder(prefix + ".request.duration")
                .description("From a call's arrival to its answer, of calls that got one")
                .register(registry);
    }

    void answered(long nanos) {
        duration.record(nanos, TimeUnit.NANOSECONDS);
        count("ok");
    }

    void failed(ErrorCode code) {
        count(code.metricLabel());
    }

    private void count(String outcome) {
        Counter.builder(prefix + ".requests")
                .description("Calls that ended, by outcome")
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }
}
