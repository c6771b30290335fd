package io.tandem.gateway.observation;

import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.metrics.GenerationMeters;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Preamble;
import io.tandem.gateway.pipeline.TokenCounts;
import java.time.Duration;

/** A sink that measures the pace of what passes through it. Used by the thread of its generation. */
final class WatchedSink implements GenerationSink {

    private final GenerationSink sink;
    private final ObservedRequest request;
    private final GenerationMeters meters;
    private final GenerationSpan span;
    private final StringBuilder text = new StringBuilder();

    /** Read by the request's thread when all of its answers are over. */
    private volatile TokenCounts cost = TokenCounts.NONE;

    private boolean begun;
    private long firstNanos;
    private long lastNanos;

    WatchedSink(GenerationSink sink, ObservedRequest request, GenerationMeters meters, GenerationSpan span) {
        this.sink = sink;
        this.request = request;
        this.meters = meters;
        this.span = span;
    }

    @Override
    public void read(TokenCounts prompt) {
        cost = prompt;
        sink.read(prompt);
    }

    @Override
    public void begin(Preamble preamble) {
        if (!begun) {
            begun = true;
            meters.firstToken(request.elapsed());
            span.firstToken();
        }
        sink.begin(preamble);
    }

    @Override
    public void delta(Delta delta) {
        long now = System.nanoTime();
        if (firstNanos == 0) {
            firstNanos = now;
        } else {
            meters.nextToken(now - lastNanos);
        }
        lastNanos = now;
        cost = cost.withCompletion(delta.getCompletionTokens());
        if (span.holdsContent()) {
            text.append(delta.getText());
        }
        sink.delta(delta);
    }

    @Override
    public boolean restart() {
        text.setLength(0);
        return sink.restart();
    }

    @Override
    public void end(Outcome outcome) {
        sink.end(outcome);
    }

    /** Time from the first piece of the answer to its last. */
    Duration writing() {
        return Duration.ofNanos(lastNanos - firstNanos);
    }

    /** Tokens that were read and written for it so far, its prompt's if it is the first answer to it. */
    TokenCounts cost() {
        return cost;
    }

    /** What passed through, if the span holds content. */
    String text() {
        return text.toString();
    }
}
