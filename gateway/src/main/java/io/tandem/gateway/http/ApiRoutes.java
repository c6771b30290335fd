package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.ModelFormat;
import io.tandem.gateway.openai.ServedModel;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.function.Function;

/** The public routes. */
@Singleton
final class ApiRoutes {

    /** Nothing was measured yet when a starting server refuses. */
    private static final int RETRY_AFTER_SECONDS = 1;

    private final ServiceWatch watch;
    private final long created = Instant.now().getEpochSecond();

    ApiRoutes(ServiceWatch watch) {
        this.watch = watch;
    }

    void register(@Observes Router router, GenerationHandler generation) {
        for (GenerationRoute route : GenerationRoute.values()) {
            router.route(route.path()).handler(routing -> {
                if (routing.request().method().equals(HttpMethod.POST)) {
                    generation.handle(routing, route);
                } else {
                    refuseMethod(routing, "POST");
                }
            });
        }
        router.route("/v1/models").handler(routing -> models(routing, model -> ModelFormat.list(model, created)));
        router.route("/v1/models/:id")
                .handler(routing -> models(routing, model -> ModelFormat.one(model, routing.pathParam("id"), created)));
        router.route("/v1/*").last().handler(routing -> new Exchange(routing)
                .fail(
                        new TandemException(
                                ErrorCode.NOT_FOUND,
                                null,
                                "There is no %s %s here."
                                        .formatted(routing.request().method(), routing.normalizedPath())),
                        RETRY_AFTER_SECONDS));
    }

    private void models(RoutingContext routing, Function<ServedModel, String> format) {
        if (!routing.request().method().equals(HttpMethod.GET)) {
            refuseMethod(routing, "GET");
            return;
        }
        Exchange exchange = new Exchange(routing);
        try {
            exchange.answer(format.apply(watch.model()));
        } catch (TandemException failure) {
            exchange.fail(failure, RETRY_AFTER_SECONDS);
        }
    }

    private static void refuseMethod(RoutingContext routing, String allowed) {
        Exchange exchange = new Exchange(routing);
        exchange.header("Allow", allowed);
        exchange.fail(
                new TandemException(
                        ErrorCode.METHOD_NOT_ALLOWED,
                        null,
                        "%s takes %s, not %s."
                                .formatted(
                                        routing.normalizedPath(),
                                        allowed,
                                        routing.request().method())),
                RETRY_AFTER_SECONDS);
    }
}
