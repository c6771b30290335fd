package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.RequestLimits;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.GenerationPipeline;
import io.tandem.gateway.pipeline.ParallelGenerations;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.gateway.pipeline.TokenCounts;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * Takes requests for answers: refuses on the event loop, before the body is read, and works on a virtual thread of the
 * request's own. Thread-safe.
 */
@Singleton
public final class GenerationHandler {

    private static final Logger LOG = Logger.getLogger(GenerationHandler.class);

    private final GatewayConfig config;
    private final RequestLimits limits;
    private final AdmissionController admission;
    private final ServiceWatch watch;
    private final RequestScopes scopes;
    private final GatewayMetrics metrics;
    private final Executor threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-request-", 0).factory());
    private final ParallelGenerations generations;

    GenerationHandler(
            GatewayConfig config,
            RequestLimits limits,
            AdmissionController admission,
            ServiceWatch watch,
            RequestScopes scopes,
            GatewayMetrics metrics,
            GenerationPipeline pipeline) {
        this.config = config;
        this.limits = limits;
        this.admission = admission;
        this.watch = watch;
        this.scopes = scopes;
        this.metrics = metrics;
        this.generations = new ParallelGenerations(pipeline, threads);
    }

    /** Takes one request; on its event loop. */
    void handle(RoutingContext routing, GenerationRoute route) {
        Exchange exchange = new Exchange(routing);
        exchange.pause();
        AdmissionController.Ticket ticket;
        try {
            requireJson(routing.request().getHeader("Content-Type"));
            watch.model();
            ticket = admission.enter();
        } catch (TandemException refused) {
            fail(exchange, route, refused);
            return;
        }
        RequestScope scope = scopes.open();
        exchange.onDisconnect(scope::cancel);
        threads.execute(() -> serve(exchange, scope, ticket, route));
    }

    private void serve(
            Exchange exchange, RequestScope scope, AdmissionController.Ticket ticket, GenerationRoute route) {
        TandemException failure;
        try (ticket;
                scope) {
            scope.await(ticket.granted());
            metrics.queued(ticket.waited());
            ServedModel model = watch.model();
            ApiRequest request = route.reader(model, limits)
                    .read(scope.await(exchange.body(
                            config.body().maxSize().asLongValue(), config.body().timeout())));
            answer(new GenerationContext(
                    exchange, scope, route, request, route.format(model, request.options()), ticket.waited()));
            return;
        } catch (TandemException known) {
            failure = known;
        } catch (RuntimeException bug) {
            failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
        }
        fail(exchange, route, failure);
    }

    private void answer(GenerationContext context) {
        TokenCounts tokens;
        if (context.request().options().stream()) {
            try (EventStream stream = new EventStream(context.exchange(), config.stream(), metrics)) {
                tokens = new StreamedAnswer(context, stream, metrics).write(generations);
            }
        } else {
            tokens = new WholeAnswer(context, metrics).write(generations);
        }
        metrics.tokens(tokens);
        metrics.answered(context.route().label(), context.exchange().elapsed());
    }

    private void fail(Exchange exchange, GenerationRoute route, TandemException failure) {
        if (failure.code().httpStatus() >= 500) {
            LOG.warnf(failure, "%s %s: %s", exchange.requestId(), failure.code(), failure.getMessage());
        }
        metrics.failed(route.label(), failure.code(), exchange.elapsed());
        exchange.fail(failure, admission.retryAfterSeconds());
    }

    private static void requireJson(String contentType) {
        // As OpenAI does, a request that names no type is taken for JSON.
        if (contentType == null) {
            return;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !type.endsWith("+json")) {
            throw new TandemException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE, null, "The body must be application/json, not " + type + ".");
        }
    }
}
