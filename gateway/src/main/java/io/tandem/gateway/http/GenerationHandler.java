package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.RequestLimits;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Locale;

/**
 * Takes requests for answers: refuses on the event loop, before the body is read, and works on a thread of the request's own.
 * Thread-safe.
 */
@Singleton
final class GenerationHandler {

    private final GatewayConfig.Body bodySettings;
    private final RequestLimits limits;
    private final AdmissionController admission;
    private final ServiceWatch watch;
    private final RequestScopes scopes;
    private final Answers answers;

    GenerationHandler(
            GatewayConfig config,
            AdmissionController admission,
            ServiceWatch watch,
            RequestScopes scopes,
            Answers answers) {
        this.bodySettings = config.body();
        this.limits = RequestLimits.of(config);
        this.admission = admission;
        this.watch = watch;
        this.scopes = scopes;
        this.answers = answers;
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
            answers.fail(exchange, route, refused, admission.retryAfterSeconds());
            return;
        }
        RequestScope scope = scopes.open();
        exchange.onDisconnect(scope::cancel);
        answers.onOwnThread(() -> serve(exchange, scope, ticket, route));
    }

    private void serve(
            Exchange exchange, RequestScope scope, AdmissionController.Ticket ticket, GenerationRoute route) {
        TandemException failure;
        try (ticket;
                scope) {
            scope.await(ticket.granted());
            ServedModel model = watch.model();
            ApiRequest request = route.reader(model, limits).read(body(exchange, scope));
            answers.answer(new GenerationContext(
                    exchange, scope, route, request, route.format(model, request.options()), ticket.waited()));
            return;
        } catch (TandemException known) {
            failure = known;
        } catch (RuntimeException | Error bug) {
            // Errors too: memory that runs out under one request must not leave its client waiting.
            failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
        }
        answers.fail(exchange, route, failure, admission.retryAfterSeconds());
    }

    private byte[] body(Exchange exchange, RequestScope scope) {
        return scope.await(exchange.body(bodySettings.maxSize().asLongValue(), bodySettings.timeout()));
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
