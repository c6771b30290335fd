package io.tandem.gateway.observation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.gateway.metrics.GenerationMetrics;
import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.GenerationRequest;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Preamble;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.telemetry.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ObservedGenerationsTest {

    private static final Timings TIMINGS = new Timings(0, 0, 0, 0, 0, 0);
    private static final TokenCounts TOKENS = new TokenCounts(40, 30, 16, 3);

    @RegisterExtension
    static final OpenTelemetryExtension TELEMETRY = OpenTelemetryExtension.create();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final GenerationMetrics metrics = new GenerationMetrics(registry, "shown");
    private final Request request = new Request();
    private final Collecting sink = new Collecting();

    /** Knows what it was told. */
    private static final class Request implements ObservedRequest {
        private TokenCounts counted = TokenCounts.NONE;

        @Override
        public String operation() {
            return "chat";
        }

        @Override
        public String model() {
            return "asked";
        }

        @Override
        public Duration elapsed() {
            return Duration.ofMillis(250);
        }

        @Override
        public void counted(TokenCounts tokens) {
            counted = tokens;
        }
    }

    /** Keeps what it was given. */
    private static final class Collecting implements GenerationSink {
        private final List<String> pieces = new ArrayList<>();

        @Override
        public void begin(Preamble preamble) {
            pieces.add("begin");
        }

        @Override
        public void delta(Delta delta) {
            pieces.add(delta.getText());
        }

        @Override
        public boolean restart() {
            pieces.clear();
            return true;
        }

        @Override
        public void end(Outcome outcome) {
            pieces.add("end");
        }
    }

    @Test
    void figuresHaveOpenTelemetrysAndVllmsNames() {
        run(this::answers, false);
        assertEquals(List.of("begin", "Two", " words", "end"), sink.pieces);
        assertEquals(TOKENS, request.counted);
        for (String name : List.of("gen_ai.server.time_to_first_token", "vllm:time_to_first_token")) {
            assertEquals(250, registry.get(name).timer().totalTime(TimeUnit.MILLISECONDS), name);
        }
        for (String name : List.of(
                "gen_ai.server.time_per_output_token",
                "gen_ai.server.request.duration",
                "vllm:e2e_request_latency",
                "vllm:inter_token_latency",
                "vllm:time_per_output_token",
                "vllm:request_time_per_output_token")) {
            assertEquals(1, registry.get(name).timer().count(), name);
        }
        assertEquals(40, usage("input"));
        assertEquals(3, usage("output"));
        assertEquals(40, counter("vllm:prompt_tokens"));
        assertEquals(3, counter("vllm:generation_tokens"));
        assertEquals(40, counter("vllm:prefix_cache_queries"));
        assertEquals(30, counter("vllm:prefix_cache_hits"));
        assertEquals(1, ended("stop"));
    }

    @Test
    void aFailureIsCountedAndMarked() {
        traced(() -> assertThrows(
                TandemException.class,
                () -> run(
                        (requests, sinks, scope) -> {
                            throw new TandemException(ErrorCode.CANCELLED, null, "The client went away.");
                        },
                        false)));
        assertEquals(1, ended("abort"));
        assertEquals(
                1,
                registry.get("gen_ai.server.request.duration")
                        .tag("error.type", "cancelled")
                        .timer()
                        .count());
        SpanData span = TELEMETRY.getSpans().getFirst();
        assertEquals("cancelled", span.getAttributes().get(Tracing.ERROR_TYPE));
        assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
    }

    @Test
    void aFailureCostsWhatWasReadAndWritten() {
        assertThrows(
                TandemException.class,
                () -> run(
                        (requests, sinks, scope) -> {
                            sinks.getFirst().read(new TokenCounts(40, 30, 16, 0));
                            sinks.getFirst()
                                    .delta(Delta.newBuilder()
                                            .setCompletionTokens(2)
                                            .build());
                            sinks.getFirst()
                                    .delta(Delta.newBuilder()
                                            .setCompletionTokens(3)
                                            .build());
                            throw new TandemException(ErrorCode.CANCELLED, null, "The client went away.");
                        },
                        false));
        assertEquals(TOKENS, request.counted);
    }

    @Test
    void theSpanHoldsTextsOnlyWhenAskedTo() {
        traced(() -> run(this::answers, false));
        SpanData without = TELEMETRY.getSpans().getFirst();
        assertEquals("chat asked", without.getName());
        assertFalse(without.toString().contains("words"), without.toString());
        assertFalse(without.toString().contains("a question"), without.toString());
        TELEMETRY.clearSpans();
        traced(() -> run(this::answers, true));
        SpanData with = TELEMETRY.getSpans().getFirst();
        assertEquals(
                "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"a question\"}]}]",
                with.getAttributes().get(AttributeKey.stringKey("gen_ai.input.messages")));
        assertTrue(with.getAttributes()
                .get(AttributeKey.stringKey("gen_ai.output.messages"))
                .contains("\"content\":\"Two words\""));
    }

    private List<Outcome> answers(
            List<GenerationRequest> requests, List<? extends GenerationSink> sinks, RequestScope scope) {
        Outcome outcome = new Outcome(Outcome.Finish.STOP, TOKENS, TIMINGS);
        sinks.getFirst().begin(new Preamble("decoder", CacheUse.PARTIAL, List.of(), TIMINGS));
        sinks.getFirst().delta(Delta.newBuilder().setText("Two").build());
        sinks.getFirst().delta(Delta.newBuilder().setText(" words").build());
        sinks.getFirst().end(outcome);
        return List.of(outcome);
    }

    private void run(Generations generations, boolean content) {
        GenerationRequest prompt = new GenerationRequest(
                EncodeRequest.newBuilder().setText("a question").build(),
                List.of(),
                List.of(GenerateRequest.getDefaultInstance()));
        List<Outcome> outcomes = new ObservedGenerations(generations, request, metrics, content)
                .run(List.of(prompt), List.of(sink), null);
        assertEquals(1, outcomes.size());
    }

    private static void traced(Runnable work) {
        Span root = Tracing.tracer().spanBuilder("root").startSpan();
        try (Scope entered = root.makeCurrent()) {
            work.run();
        }
        root.end();
    }

    private double usage(String type) {
        return registry.get("gen_ai.client.token.usage")
                .tag("gen_ai.token.type", type)
                .summary()
                .totalAmount();
    }

    private double counter(String name) {
        return registry.get(name).tag("model_name", "shown").counter().count();
    }

    private double ended(String reason) {
        return registry.get("vllm:request_success")
                .tag("finished_reason", reason)
                .counter()
                .count();
    }
}
