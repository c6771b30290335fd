package io.tandem.gateway.observation;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.metrics.GenerationMeters;
import io.tandem.gateway.metrics.GenerationMetrics;
import io.tandem.gateway.pipeline.GenerationRequest;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.telemetry.Tracing;
import java.util.ArrayList;
import java.util.List;

/** Runs one request's generations and tells traces and figures of it. Used by the request's thread. */
public final class ObservedGenerations implements Generations {

    private final Generations generations;
    private final ObservedRequest request;
    private final GenerationMetrics metrics;
    private final boolean content;

    /**
     * @param generations runs them
     * @param content whether spans hold texts
     */
    public ObservedGenerations(
            Generations generations, ObservedRequest request, GenerationMetrics metrics, boolean content) {
        this.generations = generations;
        this.request = request;
        this.metrics = metrics;
        this.content = content;
    }

    @Override
    public List<Outcome> run(
            List<GenerationRequest> requests, List<? extends GenerationSink> sinks, RequestScope scope) {
        GenerationMeters meters = metrics.of(request.operation(), request.model());
        GenerationSpan span = GenerationSpan.start(request, requests, content && Tracing.isRecording());
        List<WatchedSink> watched = new ArrayList<>(sinks.size());
        for (GenerationSink sink : sinks) {
            watched.add(new WatchedSink(sink, request, meters, span));
        }
        try {
            List<Outcome> outcomes = span.within(() -> generations.run(requests, watched, scope));
            finished(outcomes, watched, meters, span);
            return outcomes;
        } catch (RuntimeException | Error failure) {
            request.counted(watched.stream().map(WatchedSink::cost).reduce(TokenCounts.NONE, TokenCounts::plus));
            ErrorCode code = failure instanceof TandemException known ? known.code() : ErrorCode.INTERNAL;
            meters.failed(code, request.elapsed(), sinks.size());
            span.failed(failure);
            throw failure;
        } finally {
            span.end();
        }
    }

    private void finished(
            List<Outcome> outcomes, List<WatchedSink> sinks, GenerationMeters meters, GenerationSpan span) {
        TokenCounts tokens = outcomes.stream().map(Outcome::tokens).reduce(TokenCounts.NONE, TokenCounts::plus);
        request.counted(tokens);
        for (int i = 0; i < outcomes.size(); i++) {
            meters.written(outcomes.get(i), sinks.get(i).writing());
        }
        meters.finished(tokens, request.elapsed());
        span.finished(outcomes, tokens, sinks);
    }
}
