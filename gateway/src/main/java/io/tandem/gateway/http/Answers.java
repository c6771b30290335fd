package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.metrics.GenerationMetrics;
import io.tandem.gateway.observation.ObservedGenerations;
import io.tandem.gateway.observation.ObservedRequest;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.Sources;
import io.tandem.gateway.pipeline.GenerationPipeline;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.ParallelGenerations;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.config.TraceConfig;
import jakarta.inject.Singleton;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Answers requests, well or badly, and counts both. Thread-safe. */
@Singleton
final class Answers {

    private static final Logger LOG = Logger.getLogger(Answers.class);

    private final RequestSources sources;
    private final GatewayConfig.Stream streamSettings;
    private final GatewayMetrics metrics;
    private final Executor threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-request-", 0).factory());
    private final GenerationMetrics generationMetrics;
    private final boolean traceContent;
    private final Generations generations;

    Answers(
            GatewayConfig config,
            TraceConfig traces,
            GatewayMetrics metrics,
            GenerationMetrics generationMetrics,
            GenerationPipeline pipeline,
            RequestSources sources) {
        this.sources = sources;
        this.streamSettings = config.stream();
        this.metrics = metrics;
        this.generationMetrics = generationMetrics;
        this.traceContent = traces.content();
        this.generations = new ParallelGenerations(pipeline, RequestContext.carrying(threads));
    }

    /** Gives a request a thread of its own, a virtual one. */
    void onOwnThread(Runnable work) {
        threads.execute(work);
    }

    /** Understands a request, runs it and sends its answer; blocks until that is done. */
    void answer(GenerationRoute route, AdmittedRequest admitted) {
        Sources named = sources.of(admitted.exchange().tenant(), admitted.model(), admitted.scope());
        TimedPictures pictures = new TimedPictures(named.remotePictures());
        ApiRequest request = route.reader(admitted.model(), sources.limits(), new Sources(pictures, named.files()))
                .read(admitted.body())
                .ofTenant(admitted.exchange().tenant());
        admitted.widen(request.places());
        metrics.queued(admitted.ticket().waited());
        try {
            answer(new GenerationContext(
                    admitted.exchange(),
                    admitted.scope(),
                    route,
                    request,
                    route.format(admitted.model(), request.options()),
                    Timings.before(admitted.ticket().waited(), pictures.taken())));
        } finally {
            // However it ended: who goes away has had as much done as who stays.
            admitted.lease().spend(admitted.exchange().tokens().total());
        }
    }

    private void answer(GenerationContext context) {
        Generations observed = observed(context);
        TokenCounts tokens;
        if (context.request().options().stream()) {
            try (EventStream stream = new EventStream(context.exchange(), streamSettings, metrics)) {
                tokens = new StreamedAnswer(context, stream, metrics).write(observed);
            }
        } else {
            tokens = new WholeAnswer(context, metrics).write(observed);
        }
        metrics.tokens(tokens);
        metrics.answered(context.route().label(), context.exchange().elapsed());
    }

    /** Runs the generations of a request, and tells traces and figures of it. */
    Generations observed(ObservedRequest request) {
        return new ObservedGenerations(generations, request, generationMetrics, traceContent);
    }

    /** Counts an answer that was sent. */
    void answered(Exchange exchange, String label) {
        metrics.answered(label, exchange.elapsed());
    }

    /**
     * Sends a failure.
     *
     * @param label value of the label {@code route} in the metrics
     */
    void fail(Exchange exchange, String label, TandemException failure, int retryAfterSeconds) {
        ErrorCode code = failure.code();
        if (code == ErrorCode.INTERNAL || code == ErrorCode.STATE_LOST) {
            LOG.errorf(failure, "%s failed", exchange.requestId());
        } else if (code == ErrorCode.UNAVAILABLE || code == ErrorCode.DEADLINE_EXCEEDED) {
            LOG.warnf("%s failed: %s", exchange.requestId(), failure.getMessage());
        }
        metrics.failed(label, code, exchange.elapsed());
        exchange.fail(failure, retryAfterSeconds);
    }
}
