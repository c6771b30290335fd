package io.tandem.gateway.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Answers requests whose head is malformed before anybody looks at them, in the shape of all other errors. What is no HTTP at all, or
 * even longer than quarkus.http.limits allows, Vert.x refuses without a body, and Quarkus does so with an address that is none: it owns
 * the server, and lets nobody else answer these.
 */
@Singleton
final class HeadCheck {

    /** Before the playground, which is before {@link Authentication}. */
    private static final int FIRST = -3000;

    private static final int MAX_URI_LENGTH = 8 << 10;
    private static final int MAX_HEADER_LENGTH = 32 << 10;
    private static final int BAD_REQUEST = 400;

    void register(@Observes Router router) {
        router.route().order(FIRST).handler(this::check).failureHandler(HeadCheck::answer);
        router.route("/q/*").order(FIRST).handler(HeadCheck::requireGet);
        router.errorHandler(400, routing -> Refusal.malformedHead(routing, "The request's address is malformed."));
        router.errorHandler(404, Refusal::unknownPath);
    }

    private void check(RoutingContext routing) {
        int uri = routing.request().uri().length();
        if (uri > MAX_URI_LENGTH) {
            Refusal.malformedHead(
                    routing, "The request's address has %,d characters, limit %,d.".formatted(uri, MAX_URI_LENGTH));
            return;
        }
        long headers = 0;
        for (Map.Entry<String, String> header : routing.request().headers()) {
            headers += header.getKey().length() + header.getValue().length();
        }
        if (headers > MAX_HEADER_LENGTH) {
            Refusal.malformedHead(
                    routing,
                    "The request's headers have %,d characters, limit %,d.".formatted(headers, MAX_HEADER_LENGTH));
            return;
        }
        routing.next();
    }

    /** Quarkus answers any method there. */
    private static void requireGet(RoutingContext routing) {
        HttpMethod method = routing.request().method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            routing.next();
        } else {
            Refusal.wrongMethod(routing, HttpMethod.GET);
        }
    }

    /** Whatever failed before one of our handlers could catch it. */
    private static void answer(RoutingContext routing) {
        if (routing.statusCode() >= BAD_REQUEST && routing.statusCode() < 500) {
            Refusal.malformedHead(routing, "The request's head is malformed.");
        } else {
            routing.next();
        }
    }
}
