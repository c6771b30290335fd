package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.batches.Batch;
import io.tandem.gateway.batches.LineAnswers;
import io.tandem.gateway.batches.LineRefusal;
import io.tandem.gateway.batches.LineResult;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.observation.ObservedRequest;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.BatchFormat;
import io.tandem.gateway.openai.BatchLineReader;
import io.tandem.gateway.openai.ErrorBody;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.TokenCounts;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Answers lines of batches as requests of their own are, but behind all of those. Thread-safe. */
@Singleton
final class BatchLines implements LineAnswers {

    private final Entrance entrance;
    private final ServiceWatch watch;
    private final RequestSources sources;
    private final Answers answers;
    private final GatewayMetrics metrics;
    private final LineCosts costs = new LineCosts();

    BatchLines(Entrance entrance, ServiceWatch watch, RequestSources sources, Answers answers, GatewayMetrics metrics) {
        this.entrance = entrance;
        this.watch = watch;
        this.sources = sources;
        this.answers = answers;
        this.metrics = metrics;
    }

    @Override
    public String check(byte[] line, String endpoint) throws LineRefusal {
        return BatchLineReader.check(line, endpoint);
    }

    @Override
    public boolean mayBegin(String owner, int underway) {
        return costs.mayBegin(entrance.quotas().of(owner).tokensLeft(), underway);
    }

    @Override
    public LineResult answer(byte[] line, Batch batch, CompletableFuture<Void> cancelled) {
        String requestId = "req_" + UUID.randomUUID().toString().replace("-", "");
        String customId = BatchLineReader.customId(line);
        try {
            String body = body(line, batch, cancelled);
            metrics.batchLine("completed");
            return new LineResult(true, BatchFormat.answered(customId, requestId, 200, body));
        } catch (TandemException failure) {
            if (!isOfTheClient(failure.code())) {
                throw failure;
            }
            metrics.batchLine("failed");
            return new LineResult(
                    false,
                    BatchFormat.answered(
                            customId, requestId, failure.code().httpStatus(), ErrorBody.of(failure, requestId)));
        }
    }

    @Override
    public LineResult givenUp(byte[] line, String code, String reason) {
        metrics.batchLine("given_up");
        return new LineResult(false, BatchFormat.givenUp(BatchLineReader.customId(line), code, reason));
    }

    private String body(byte[] line, Batch batch, CompletableFuture<Void> cancelled) {
        ServedModel model = watch.model();
        GenerationRoute route = GenerationRoute.of(batch.order().endpoint()).orElseThrow();
        try (AdmissionController.Ticket ticket = entrance.admission().enterBackground()) {
            await(ticket.granted(), cancelled);
            ApiRequest request;
            // The time of waiting for more places is not the request's: two lives.
            try (RequestScope reading = entrance.scopes().open()) {
                cancelled.thenRun(reading::cancel);
                request = route.reader(model, sources.limits(), sources.of(batch.owner(), model, reading))
                        .readLine(line)
                        .ofTenant(batch.owner());
            }
            await(ticket.widen(request.places()), cancelled);
            try (RequestScope writing = entrance.scopes().open()) {
                cancelled.thenRun(writing::cancel);
                return write(route, model, request, batch.owner(), writing);
            }
        }
    }

    private String write(
            GenerationRoute route, ServedModel model, ApiRequest request, String owner, RequestScope writing) {
        Observed observed = new Observed(route, request.options().model());
        try {
            WholeText.Written written = new WholeText(request, route.format(model, request.options()), () -> {})
                    .write(answers.observed(observed), writing);
            metrics.tokens(written.tokens());
            return written.json();
        } finally {
            long cost = observed.tokens.total();
            entrance.quotas().of(owner).spend(cost);
            if (cost > 0) {
                costs.add(cost);
            }
        }
    }

    private static void await(CompletableFuture<Void> step, CompletableFuture<Void> cancelled) {
        try {
            CompletableFuture.anyOf(step, cancelled).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof TandemException known ? known : failed;
        }
        if (cancelled.isDone()) {
            throw new TandemException(ErrorCode.CANCELLED, null, "The batch was cancelled.");
        }
    }

    private static boolean isOfTheClient(ErrorCode code) {
        return switch (code) {
            case INVALID_REQUEST, UNSUPPORTED_PARAMETER, CONTEXT_LENGTH_EXCEEDED, INVALID_IMAGE -> true;
            case INVALID_IMAGE_URL, MODEL_NOT_FOUND, NOT_FOUND, PAYLOAD_TOO_LARGE -> true;
            case INVALID_API_KEY, METHOD_NOT_ALLOWED, UNSUPPORTED_MEDIA_TYPE -> true;
            case RATE_LIMIT_EXCEEDED, OVERLOADED, CANCELLED, DRAINING, UNAVAILABLE, MODEL_MISMATCH -> false;
            case INTERNAL, STATE_LOST, DEADLINE_EXCEEDED -> false;
        };
    }

    /** A line as far as traces and figures tell of it. Used by the line's thread. */
    private static final class Observed implements ObservedRequest {

        private final GenerationRoute route;
        private final String model;
        private final long begun = System.nanoTime();
        private TokenCounts tokens = TokenCounts.NONE;

        private Observed(GenerationRoute route, String model) {
            this.route = route;
            this.model = model;
        }

        @Override
        public String operation() {
            return route.operation();
        }

        @Override
        public String model() {
            return model;
        }

        @Override
        public Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - begun);
        }

        @Override
        public void counted(TokenCounts cost) {
            tokens = cost;
        }
    }
}
