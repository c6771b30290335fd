package io.tandem.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tandem.contract.ErrorCode;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Router;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

/** The gateway's figures, under the prefix {@code tandem_gateway_}. Thread-safe. */
public final class GatewayMetrics {

    private static final String PREFIX = "tandem.gateway.";
    /** Value of the label {@code error} of what went well. */
    private static final String NO_ERROR = "none";

    private static final List<String> LINE_OUTCOMES = List.of("completed", "failed", "given_up");

    private final MeterRegistry registry;
    private final MultiGauge decoderLoads;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter imageTokens;
    private final Counter completionTokens;

    /** @param registry where the figures are published */
    public GatewayMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.decoderLoads = MultiGauge.builder(PREFIX + "decoder.in.flight")
                .description("Requests of this gateway that a decoder works on")
                .register(registry);
        this.promptTokens = tokens("prompt", "Encoder tokens of answered requests");
        this.cachedTokens = tokens("cached", "Encoder tokens whose states came from the cache");
        this.imageTokens = tokens("image", "Encoder tokens that stand for pictures");
        this.completionTokens = tokens("completion", "Tokens written");
        // Published from the start, so that a rate over the first lines isn't missed.
        LINE_OUTCOMES.forEach(this::batchLines);
    }

    /** Publishes a figure that is read when it is asked for. */
    public void gauge(String name, String description, IntSupplier value) {
        Gauge.builder(PREFIX + name, value::getAsInt).description(description).register(registry);
    }

    /** Publishes how many of these routers' instances get no requests because of their model. */
    public void differing(List<Router> routers) {
        for (Router router : routers) {
            Gauge.builder(PREFIX + "differing.instances", () -> router.differing()
                            .size())
                    .description("Instances that serve another model than requests are answered with")
                    .tag("role", router.role().label())
                    .register(registry);
        }
    }

    /** Publishes the load of these decoders, and of no others any more. */
    public void decoders(List<Instance> decoders) {
        decoderLoads.register(
                decoders.stream()
                        .map(decoder -> Row.of(Tags.of("decoder", decoder.id()), decoder, Instance::inFlight))
                        .toList(),
                true);
    }

    /** Counts an answered request and how long it took. */
    public void answered(String route, Duration took) {
        count(route, 200, NO_ERROR, took);
    }

    /** Counts a request that failed and how long it took. */
    public void failed(String route, ErrorCode code, Duration took) {
        count(route, code.httpStatus(), code.metricLabel(), took);
    }

    /** Notes how long a request waited for admission. */
    public void queued(Duration waited) {
        registry.timer(PREFIX + "queue").record(waited);
    }

    /** Notes how long a request waited for the first piece of its answer, from its arrival. */
    public void firstToken(String route, Duration took) {
        registry.timer(PREFIX + "time.to.first.token", "route", route).record(took);
    }

    /** Counts the tokens of an answered request. */
    public void tokens(TokenCounts tokens) {
        promptTokens.increment(tokens.prompt());
        cachedTokens.increment(tokens.cached());
        imageTokens.increment(tokens.image());
        completionTokens.increment(tokens.completion());
    }

    /** Counts a step that was tried again. */
    public void triedAgain(ErrorCode why) {
        registry.counter(PREFIX + "retries", "error", why.metricLabel()).increment();
    }

    /** Counts a reader that was cut off for being too slow. */
    public void slowReaderCut() {
        registry.counter(PREFIX + "slow.readers").increment();
    }

    /** Counts a line of a batch; {@code outcome} is completed, failed or given_up. */
    public void batchLine(String outcome) {
        batchLines(outcome).increment();
    }

    private Counter batchLines(String outcome) {
        return registry.counter(PREFIX + "batch.lines", "outcome", outcome);
    }

    private void count(String route, int status, String error, Duration took) {
        registry.counter(PREFIX + "requests", "route", route, "code", Integer.toString(status), "error", error)
                .increment();
        Timer.builder(PREFIX + "request")
                .description("Time from a request's arrival to its last byte")
                .tag("route", route)
                .register(registry)
                .record(took);
    }

    private Counter tokens(String kind, String description) {
        return Counter.builder(PREFIX + kind + ".tokens")
                .description(description)
                .register(registry);
    }
}
