package io.tandem.gateway.http;

import io.tandem.contract.TandemException;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.openai.ModelFormat;
import io.tandem.gateway.openai.ServedModel;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The public routes. */
@Singleton
final class ApiRoutes {

    /** The id of one of the hub's models is OWNER/NAME, which clients send with the slash as it is or as %2F. */
    private static final String MODEL = "/v1/models/:id";

    private final RequestHandler requests;
    private final Answers answers;
    private final TextAnswers textAnswers;
    private final FileAnswers files;
    private final ServiceWatch watch;
    private final ApiDescription description;
    private final long created = Instant.now().getEpochSecond();

    ApiRoutes(
            RequestHandler requests,
            Answers answers,
            TextAnswers textAnswers,
            FileAnswers files,
            ServiceWatch watch,
            ApiDescription description) {
        this.requests = requests;
        this.answers = answers;
        this.textAnswers = textAnswers;
        this.files = files;
        this.watch = watch;
        this.description = description;
    }

    /**
     * Something that is served.
     *
     * @param method that it takes
     * @param path as Vert.x writes it, with {@code :name} for what varies
     * @param handler answers on the event loop, or sees to it that another thread does
     */
    record Endpoint(HttpMethod method, String path, Handler<RoutingContext> handler) {}

    void register(@Observes Router router) {
        Map<String, List<Endpoint>> byPath = endpoints().stream()
                .collect(Collectors.groupingBy(Endpoint::path, LinkedHashMap::new, Collectors.toList()));
        byPath.forEach((path, endpoints) -> route(router, path).handler(routing -> handle(routing, endpoints)));
        router.route().last().handler(Refusal::unknownPath);
    }

    private static Route route(Router router, String path) {
        return path.equals(MODEL) ? router.routeWithRegex("/v1/models/(?<id>.+)") : router.route(path);
    }

    /** @param endpoints of one path */
    private static void handle(RoutingContext routing, List<Endpoint> endpoints) {
        HttpMethod asked = routing.request().method();
        endpoints.stream()
                .filter(endpoint -> isTaken(asked, endpoint.method()))
                .findFirst()
                .ifPresentOrElse(
                        endpoint -> endpoint.handler().handle(routing),
                        () -> Refusal.wrongMethod(
                                routing,
                                endpoints.stream().map(Endpoint::method).toArray(HttpMethod[]::new)));
    }

    /** Whoever may ask for something may ask for its head. */
    private static boolean isTaken(HttpMethod asked, HttpMethod taken) {
        return asked.equals(taken) || asked.equals(HttpMethod.HEAD) && taken.equals(HttpMethod.GET);
    }

    /** All that is served, but what Quarkus serves itself. */
    List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        for (GenerationRoute route : GenerationRoute.values()) {
            endpoints.add(withBody(route.path(), route.label(), admitted -> answers.answer(route, admitted)));
        }
        endpoints.add(withBody("/v1/embeddings", TextAnswers.EMBEDDINGS, textAnswers::embed));
        endpoints.add(withBody("/tokenize", TextAnswers.TOKENIZE, textAnswers::tokenize));
        endpoints.add(withBody("/detokenize", TextAnswers.DETOKENIZE, textAnswers::detokenize));
        endpoints.add(new Endpoint(HttpMethod.POST, "/v1/files", files::upload));
        endpoints.add(new Endpoint(HttpMethod.GET, "/v1/files", files::list));
        endpoints.add(new Endpoint(HttpMethod.GET, "/v1/files/:file_id", files::one));
        endpoints.add(new Endpoint(HttpMethod.DELETE, "/v1/files/:file_id", files::delete));
        endpoints.add(new Endpoint(HttpMethod.GET, "/v1/files/:file_id/content", files::content));
        endpoints.add(new Endpoint(
                HttpMethod.GET, "/v1/models", routing -> models(routing, model -> ModelFormat.list(model, created))));
        endpoints.add(new Endpoint(
                HttpMethod.GET,
                MODEL,
                routing -> models(routing, model -> ModelFormat.one(model, routing.pathParam("id"), created))));
        endpoints.add(new Endpoint(
                HttpMethod.GET, "/q/openapi", routing -> new Exchange(routing).answer(description.json())));
        return endpoints;
    }

    private Endpoint withBody(String path, String label, AdmittedRequest.Work work) {
        return new Endpoint(HttpMethod.POST, path, routing -> requests.handle(routing, label, work));
    }

    private void models(RoutingContext routing, Function<ServedModel, String> format) {
        Exchange exchange = new Exchange(routing);
        try {
            exchange.answer(format.apply(watch.model()));
        } catch (TandemException failure) {
            exchange.fail(failure, Refusal.RETRY_AFTER_SECONDS);
        }
    }
}
