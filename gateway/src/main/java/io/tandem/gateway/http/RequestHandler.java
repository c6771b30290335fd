package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.keys.Quota;
import io.tandem.gateway.keys.Quotas;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.Tracing;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/**
 * Takes requests that have a body: refuses on the event loop, before the body is read, and works on a thread of the request's own.
 * Thread-safe.
 */
@Singleton
final class RequestHandler {

    private final BodyLimit bodyLimit;
    private final AdmissionController admission;
    private final Quotas quotas;
    private final ServiceWatch watch;
    private final Answers answers;
    private final RequestScopes scopes;

    RequestHandler(GatewayConfig config, Entrance entrance, ServiceWatch watch, Answers answers) {
        this.bodyLimit = new BodyLimit(
                config.body().maxSize().asLongValue(),
                "; raise tandem.gateway.body.max-size",
                config.body().timeout());
        this.admission = entrance.admission();
        this.quotas = entrance.quotas();
        this.watch = watch;
        this.scopes = entrance.scopes();
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
        Quota quota = quotas.of(exchange.tenant());
        Admitted admitted;
        try {
            RequestHead.requireJson(routing.request());
            Optional<Duration> timeout = RequestHead.timeout(routing.request());
            watch.model();
            admitted = admit(quota, timeout);
        } catch (TandemException refused) {
            quota.state().ifPresent(state -> RateLimitHeaders.set(exchange, state));
            answers.fail(exchange, label, refused, retryAfterSeconds(refused, quota));
            return;
        }
        quota.state().ifPresent(state -> RateLimitHeaders.set(exchange, state));
        exchange.onDisconnect(admitted.scope()::cancel);
        Runnable serving = () -> serve(label, exchange, admitted, work);
        answers.onOwnThread(RequestContext.carry(RequestContext.with(exchange.requestId()), serving));
    }

    /** What a request holds from its admission to its end. */
    private record Admitted(Quota.Lease lease, AdmissionController.Ticket ticket, RequestScope scope) {}

    private Admitted admit(Quota quota, Optional<Duration> timeout) {
        Quota.Lease lease = quota.enter();
        try {
            AdmissionController.Ticket ticket = admission.enter();
            return new Admitted(lease, ticket, timeout.map(scopes::open).orElseGet(scopes::open));
        } catch (TandemException full) {
            lease.undo();
            throw full;
        }
    }

    private void serve(String label, Exchange exchange, Admitted admitted, AdmittedRequest.Work work) {
        TandemException failure;
        RequestScope scope = admitted.scope();
        try (Quota.Lease lease = admitted.lease();
                AdmissionController.Ticket ticket = admitted.ticket();
                scope) {
            Tracing.inSpan("gateway.queue", () -> scope.await(ticket.granted()));
            work.answer(new AdmittedRequest(exchange, scope, watch.model(), body(exchange, scope), ticket, lease));
            return;
        } catch (TandemException known) {
            failure = known;
        } catch (RuntimeException | Error bug) {
            // Errors too: memory that runs out under one request must not leave its client waiting.
            failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
        }
        answers.fail(exchange, label, failure, admission.retryAfterSeconds());
    }

    private int retryAfterSeconds(TandemException refused, Quota quota) {
        return refused.code() == ErrorCode.RATE_LIMIT_EXCEEDED
                ? quota.retryAfterSeconds()
                : admission.retryAfterSeconds();
    }

    private byte[] body(Exchange exchange, RequestScope scope) {
        return Tracing.inSpan("gateway.body", () -> scope.await(exchange.body(bodyLimit)));
    }
}
