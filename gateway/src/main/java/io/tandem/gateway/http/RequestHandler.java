package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Locale;

/**
 * Takes requests that have a body: refuses on the event loop, before the body is read, and works on a thread of the request's own.
 * Thread-safe.
 */
@Singleton
final class RequestHandler {

    private final GatewayConfig.Body bodySettings;
    private final AdmissionController admission;
    private final ServiceWatch watch;
    private final RequestScopes scopes;
    private final Answers answers;

    RequestHandler(
            GatewayConfig config,
            AdmissionController admission,
            ServiceWatch watch,
            RequestScopes scopes,
            Answers answers) {
        this.bodySettings = config.body();
        this.admission = admission;
        this.watch = watch;
        this.scopes = scopes;
        this.answers = answers;
    }

    /**
     * Takes one request; on its event loop.
     *
     * @param label value of the label {@code route} in the metrics
     */
    void handle(RoutingContext routing, String label, AdmittedRequest.Work work) {
        Exchange exchange = new Exchange(routing);
        exchange.pause();
        AdmissionController.Ticket ticket;
        try {
            requireJson(routing.request().getHeader("Content-Type"));
            watch.model();
            ticket = admission.enter();
        } catch (TandemException refused) {
            answers.fail(exchange, label, refused, admission.retryAfterSeconds());
            return;
        }
        RequestScope scope = scopes.open();
        exchange.onDisconnect(scope::cancel);
        Runnable serving = () -> serve(
                label,
                exchange,
                scope,
                ticket,
                () -> work.answer(
                        new AdmittedRequest(exchange, scope, watch.model(), body(exchange, scope), ticket.waited())));
        answers.onOwnThread(RequestContext.carry(RequestContext.with(exchange.requestId()), serving));
    }

    private void serve(
            String label, Exchange exchange, RequestScope scope, AdmissionController.Ticket ticket, Runnable work) {
        TandemException failure;
        try (ticket;
                scope) {
            Tracing.inSpan("gateway.queue", () -> scope.await(ticket.granted()));
            work.run();
            return;
        } catch (TandemException known) {
            failure = known;
        } catch (RuntimeException | Error bug) {
            // Errors too: memory that runs out under one request must not leave its client waiting.
            failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
        }
        answers.fail(exchange, label, failure, admission.retryAfterSeconds());
    }

    private byte[] body(Exchange exchange, RequestScope scope) {
        return Tracing.inSpan(
                "gateway.body",
                () -> scope.await(exchange.body(bodySettings.maxSize().asLongValue(), bodySettings.timeout())));
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
