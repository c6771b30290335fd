package io.tandem.gateway.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/**
 * Figures of generation under names that others chose: those of OpenTelemetry's conventions for generative AI, and those of vLLM,
 * so that dashboards made for either work here. Thread-safe.
 */
public final class GenerationMetrics {

    private final MeterRegistry registry;
    private final String shownModel;
    private final Map<Kind, GenerationMeters> meters = new ConcurrentHashMap<>();

    private record Kind(String operation, String model) {}

    /** @param shownModel value of vLLM's label {@code model_name} */
    public GenerationMetrics(MeterRegistry registry, String shownModel) {
        this.registry = registry;
        this.shownModel = shownModel;
    }

    /** Publishes vLLM's figures of load. */
    public void load(IntSupplier running, IntSupplier waiting) {
        gauge("vllm:num_requests_running", "Requests that run", running);
        gauge("vllm:num_requests_waiting", "Requests that wait for admission", waiting);
    }

    /**
     * The meters of one kind of request.
     *
     * @param operation {@code chat} or {@code text_completion}
     * @param model one of the served names
     */
    public GenerationMeters of(String operation, String model) {
        return meters.computeIfAbsent(
                new Kind(operation, model), kind -> new GenerationMeters(registry, operation, model, shownModel));
    }

    private void gauge(String name, String description, IntSupplier value) {
        Gauge.builder(name, value::getAsInt)
                .description(description)
                .tag("model_name", shownModel)
                .register(registry);
    }
}
