package io.tandem.gateway.observation;

import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.gateway.pipeline.GenerationRequest;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.telemetry.Tracing;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The span of one request's answers under OpenTelemetry's semantic conventions for generative AI; without effect in a request that
 * is not traced. Used by the request's thread, {@link #firstToken} by those of its answers.
 */
final class GenerationSpan {

    /** The system, as the conventions call whoever runs the model; under its newer and its older name. */
    private static final String SYSTEM = "tandem";

    private static final AttributeKey<String> PROVIDER_NAME = stringKey("gen_ai.provider.name");
    private static final AttributeKey<String> SYSTEM_NAME = stringKey("gen_ai.system");
    private static final AttributeKey<String> OPERATION = stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> MODEL = stringKey("gen_ai.request.model");
    private static final AttributeKey<Long> CHOICES = longKey("gen_ai.request.choice.count");
    private static final AttributeKey<Long> MAX_TOKENS = longKey("gen_ai.request.max_tokens");
    private static final AttributeKey<Double> TEMPERATURE = doubleKey("gen_ai.request.temperature");
    private static final AttributeKey<Double> TOP_P = doubleKey("gen_ai.request.top_p");
    private static final AttributeKey<Long> TOP_K = longKey("gen_ai.request.top_k");
    private static final AttributeKey<Long> SEED = longKey("gen_ai.request.seed");
    private static final AttributeKey<Long> INPUT_TOKENS = longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT_TOKENS = longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<Long> CACHED_TOKENS = longKey("tandem.usage.cached_tokens");
    private static final AttributeKey<Long> IMAGE_TOKENS = longKey("tandem.usage.image_tokens");
    private static final AttributeKey<List<String>> FINISH_REASONS = stringArrayKey("gen_ai.response.finish_reasons");
    private static final AttributeKey<String> INPUT_MESSAGES = stringKey("gen_ai.input.messages");
    private static final AttributeKey<String> OUTPUT_MESSAGES = stringKey("gen_ai.output.messages");

    private static final String FIRST_TOKEN = "gen_ai.first_token";

    private final Span span;
    private final boolean content;
    private boolean begun;

    private GenerationSpan(Span span, boolean content) {
        this.span = span;
        this.content = content;
    }

    /** @param content whether it holds the texts of prompts and answers */
    static GenerationSpan start(ObservedRequest request, List<GenerationRequest> prompts, boolean content) {
        Span span = Tracing.start(request.operation() + " " + request.model());
        if (span.isRecording()) {
            span.setAttribute(OPERATION, request.operation());
            span.setAttribute(MODEL, request.model());
            span.setAttribute(PROVIDER_NAME, SYSTEM);
            span.setAttribute(SYSTEM_NAME, SYSTEM);
            List<GenerateRequest> writings = prompts.getFirst().writings();
            span.setAttribute(CHOICES, (long) prompts.size() * writings.size());
            describe(span, writings.getFirst());
        }
        if (content) {
            span.setAttribute(INPUT_MESSAGES, Messages.ofPrompts(prompts));
        }
        return new GenerationSpan(span, content);
    }

    boolean holdsContent() {
        return content;
    }

    /** Does work as a part of it. */
    <T> T within(Supplier<T> work) {
        if (!span.isRecording()) {
            return work.get();
        }
        try (Scope entered = span.makeCurrent()) {
            return work.get();
        }
    }

    /** The first of its answers begins. */
    synchronized void firstToken() {
        if (!begun) {
            begun = true;
            span.addEvent(FIRST_TOKEN);
        }
    }

    void finished(List<Outcome> outcomes, TokenCounts tokens, List<WatchedSink> sinks) {
        if (!span.isRecording()) {
            return;
        }
        List<String> reasons = outcomes.stream()
                .map(outcome -> outcome.finish().name().toLowerCase(Locale.ROOT))
                .toList();
        span.setAttribute(INPUT_TOKENS, (long) tokens.prompt());
        span.setAttribute(OUTPUT_TOKENS, (long) tokens.completion());
        span.setAttribute(CACHED_TOKENS, (long) tokens.cached());
        span.setAttribute(IMAGE_TOKENS, (long) tokens.image());
        span.setAttribute(FINISH_REASONS, reasons);
        if (content) {
            List<String> texts = sinks.stream().map(WatchedSink::text).toList();
            span.setAttribute(OUTPUT_MESSAGES, Messages.ofAnswers(texts, reasons));
        }
    }

    void failed(Throwable failure) {
        Tracing.fail(span, failure);
    }

    void end() {
        span.end();
    }

    private static void describe(Span span, GenerateRequest writing) {
        Sampling sampling = writing.getSampling();
        span.setAttribute(TEMPERATURE, decimal(sampling.getTemperature()));
        if (writing.getLimits().getMaxTokens() > 0) {
            span.setAttribute(MAX_TOKENS, (long) writing.getLimits().getMaxTokens());
        }
        if (sampling.hasTopP()) {
            span.setAttribute(TOP_P, decimal(sampling.getTopP()));
        }
        if (sampling.hasTopK()) {
            span.setAttribute(TOP_K, (long) sampling.getTopK());
        }
        if (sampling.hasSeed()) {
            span.setAttribute(SEED, sampling.getSeed());
        }
    }

    /** The number that the client wrote, 0.7 rather than 0.699999988. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }
}
