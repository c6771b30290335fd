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
    private final Counter answered;

    /** @param prefix such as {@code tandem.vision} */
    CallMetrics(MeterRegistry registry, String prefix) {
        this.registry = registry;
        this.prefix = prefix;
        this.duration = Timer.builder(prefix + ".request.duration")
                .description("From a call's arrival to its answer, of calls that got one")
                .register(registry);
        // From the start, so that a service without calls shows a zero.
        this.answered = outcome("ok");
    }

    void answered(long nanos) {
        duration.record(nanos, TimeUnit.NANOSECONDS);
        answered.increment();
    }

    void failed(ErrorCode code) {
        outcome(code.metricLabel()).increment();
    }

    private Counter outcome(String outcome) {
        return Counter.builder(prefix + ".requests")
                .description("Calls that ended, by outcome")
                .tag("outcome", outcome)
                .register(registry);
    }
}
