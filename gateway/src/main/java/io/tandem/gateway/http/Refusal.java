package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Answers what no route takes, in the shape of all other errors. */
final class Refusal {

    /** Nothing was measured yet when a starting server refuses. */
    static final int RETRY_AFTER_SECONDS = 1;

    private Refusal() {}

    static void unknownPath(RoutingContext routing) {
        send(
                routing,
                ErrorCode.NOT_FOUND,
                "There is no %s %s here."
                        .formatted(shortened(routing.request().method().name()), shortened(routing.normalizedPath())));
    }

    static void wrongMethod(RoutingContext routing, HttpMethod... allowed) {
        String names = Arrays.stream(allowed).map(HttpMethod::name).collect(Collectors.joining(", "));
        routing.response().putHeader("Allow", names);
        send(
                routing,
                ErrorCode.METHOD_NOT_ALLOWED,
                "%s takes %s, not %s."
                        .formatted(
                                shortened(routing.normalizedPath()),
                                names,
                                shortened(routing.request().method().name())));
    }

    /** A request whose first line or headers can't be made sense of. */
    static void malformedHead(RoutingContext routing, String message) {
        send(routing, ErrorCode.INVALID_REQUEST, message);
    }

    private static void send(RoutingContext routing, ErrorCode code, String message) {
        new Exchange(routing).fail(new TandemException(code, null, message), RETRY_AFTER_SECONDS);
    }

    private static String shortened(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "...";
    }
}
