package io.tandem.gateway.http;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.tandem.gateway.pipeline.TokenCounts;
import io.tandem.telemetry.RequestContext;
import io.tandem.telemetry.config.LogConfig;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * One line for each request when it is over, where the settings ask for it: what was asked of which route, how it ended, how long
 * it took and what it cost; in JSON each of them is a field. Nothing of what a client wrote but its request's id. Used on the
 * requests' event loops.
 */
@Singleton
final class AccessLog {

    /** A category of its own, to be turned off or sent elsewhere. */
    private static final Logger LOG = Logger.getLogger("io.tandem.access");

    /** Before authentication, so that strangers are seen too. */
    private static final int FIRST = Authentication.FIRST - 1;

    private static final String EXCHANGE = "tandem.exchange";
    /** As nginx has it: the client went away. */
    private static final int CLIENT_CLOSED = 499;

    private final boolean on;

    AccessLog(LogConfig config) {
        this.on = config.access();
    }

    void register(@Observes Router router) {
        if (on) {
            router.route().order(FIRST).handler(this::watch);
        }
    }

    /** Lets the request's line tell what its exchange knows. */
    static void note(RoutingContext routing, Exchange exchange) {
        routing.put(EXCHANGE, exchange);
    }

    private void watch(RoutingContext routing) {
        long start = System.nanoTime();
        SpanContext span = Span.current().getSpanContext();
        if (!routing.normalizedPath().startsWith(Authentication.OPERATIONS)) {
            routing.addEndHandler(ended -> write(routing, span, ended.succeeded(), System.nanoTime() - start));
        }
        routing.next();
    }

    private static void write(RoutingContext routing, SpanContext span, boolean ended, long nanos) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("method", routing.request().method().name());
        fields.put("route", route(routing));
        fields.put("status", Integer.toString(ended ? routing.response().getStatusCode() : CLIENT_CLOSED));
        fields.put("durationMillis", String.format(Locale.ROOT, "%.1f", nanos / 1e6));
        Exchange exchange = routing.get(EXCHANGE);
        if (exchange != null) {
            fields.put(RequestContext.REQUEST_ID, exchange.requestId());
            add(fields, exchange.tokens());
        }
        if (span.isValid()) {
            fields.put("traceId", span.getTraceId());
        }
        fields.forEach(MDC::put);
        try {
            LOG.info(text(fields));
        } finally {
            fields.keySet().forEach(MDC::remove);
        }
    }

    private static String text(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" "));
    }

    private static void add(Map<String, String> fields, TokenCounts tokens) {
        fields.put("promptTokens", Integer.toString(tokens.prompt()));
        fields.put("cachedTokens", Integer.toString(tokens.cached()));
        fields.put("imageTokens", Integer.toString(tokens.image()));
        fields.put("completionTokens", Integer.toString(tokens.completion()));
    }

    /** The route's pattern, never the path: that is the client's to choose. */
    private static String route(RoutingContext routing) {
        String pattern =
                routing.currentRoute() == null ? null : routing.currentRoute().getPath();
        return pattern == null ? "none" : pattern;
    }
}
