package io.tandem.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tandem.contract.ErrorCode;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.TokenCounts;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The meters of one kind of request, each measurement under OpenTelemetry's name and under vLLM's. Times begin with the request's
 * arrival. Thread-safe.
 */
public final class GenerationMeters {

    /** Value of the label {@code error_type} of what went well. */
    private static final String NO_ERROR = "none";

    private final MeterRegistry registry;
    private final Tags conventional;
    private final Tags vllm;

    private final Timer timeToFirstToken;
    private final Timer timePerOutputToken;
    private final DistributionSummary inputTokens;
    private final DistributionSummary outputTokens;

    private final Timer vllmTimeToFirstToken;
    private final Timer vllmTimePerOutputToken;
    private final Timer vllmInterTokenLatency;
    private final Timer vllmRequestTimePerOutputToken;
    private final Timer vllmLatency;
    private final Counter vllmPromptTokens;
    private final Counter vllmGenerationTokens;
    private final Counter vllmPrefixQueries;
    private final Counter vllmPrefixHits;

    GenerationMeters(MeterRegistry registry, String operation, String model, String shownModel) {
        this.registry = registry;
        this.conventional = Tags.of(
                "gen_ai.operation.name", operation, "gen_ai.request.model", model, "gen_ai.provider.name", "tandem");
        this.vllm = Tags.of("model_name", shownModel);
        timeToFirstToken = timer("gen_ai.server.time_to_first_token", Buckets.TIME_TO_FIRST_TOKEN, conventional);
        timePerOutputToken = timer("gen_ai.server.time_per_output_token", Buckets.TIME_PER_TOKEN, conventional);
        inputTokens = usage("input");
        outputTokens = usage("output");
        vllmTimeToFirstToken = timer("vllm:time_to_first_token", Buckets.TIME_TO_FIRST_TOKEN, vllm);
        vllmTimePerOutputToken = timer("vllm:time_per_output_token", Buckets.TIME_PER_TOKEN, vllm);
        vllmInterTokenLatency = timer("vllm:inter_token_latency", Buckets.TIME_PER_TOKEN, vllm);
        vllmRequestTimePerOutputToken = timer("vllm:request_time_per_output_token", Buckets.TIME_PER_TOKEN, vllm);
        vllmLatency = timer("vllm:e2e_request_latency", Buckets.REQUEST, vllm);
        vllmPromptTokens = counter("vllm:prompt_tokens", "Encoder tokens read");
        vllmGenerationTokens = counter("vllm:generation_tokens", "Tokens written");
        vllmPrefixQueries = counter("vllm:prefix_cache_queries", "Encoder tokens looked up in the cache");
        vllmPrefixHits = counter("vllm:prefix_cache_hits", "Encoder tokens whose states came from the cache");
    }

    /** An answer begins. */
    public void firstToken(Duration sinceArrival) {
        timeToFirstToken.record(sinceArrival);
        vllmTimeToFirstToken.record(sinceArrival);
    }

    /** A further piece of an answer has come, so long after the one before. */
    public void nextToken(long nanos) {
        vllmTimePerOutputToken.record(nanos, TimeUnit.NANOSECONDS);
        vllmInterTokenLatency.record(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * One answer of a request is complete.
     *
     * @param writing time from its first piece to its last
     */
    public void written(Outcome outcome, Duration writing) {
        ended(outcome.finish().name().toLowerCase(Locale.ROOT), 1);
        int more = outcome.tokens().completion() - 1;
        if (more > 0) {
            timePerOutputToken.record(writing.dividedBy(more));
            vllmRequestTimePerOutputToken.record(writing.dividedBy(more));
        }
    }

    /** A request has all its answers. */
    public void finished(TokenCounts tokens, Duration sinceArrival) {
        duration(NO_ERROR).record(sinceArrival);
        vllmLatency.record(sinceArrival);
        inputTokens.record(tokens.prompt());
        outputTokens.record(tokens.completion());
        vllmPromptTokens.increment(tokens.prompt());
        vllmGenerationTokens.increment(tokens.completion());
        vllmPrefixQueries.increment(tokens.prompt());
        vllmPrefixHits.increment(tokens.cached());
    }

    /** A request has failed, and with it all its answers. */
    public void failed(ErrorCode code, Duration sinceArrival, int answers) {
        duration(code.metricLabel()).record(sinceArrival);
        ended(code == ErrorCode.CANCELLED ? "abort" : "error", answers);
    }

    private void ended(String reason, int answers) {
        registry.counter("vllm:request_success", vllm.and("finished_reason", reason))
                .increment(answers);
    }

    private Timer duration(String error) {
        return timer("gen_ai.server.request.duration", Buckets.OPERATION, conventional.and("error.type", error));
    }

    private Timer timer(String name, Duration[] buckets, Tags tags) {
        return Timer.builder(name).serviceLevelObjectives(buckets).tags(tags).register(registry);
    }

    private DistributionSummary usage(String type) {
        return DistributionSummary.builder("gen_ai.client.token.usage")
                .description("Tokens of a request")
                .serviceLevelObjectives(Buckets.TOKENS)
                .tags(conventional.and("gen_ai.token.type", type))
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).tags(vllm).register(registry);
    }
}
