package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.keys.KeySource;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Lets only those with a key pass, wherever they go but to probes, once there are keys. Thread-safe. */
@Singleton
final class Authentication {

    /** Where a request keeps whose it is. */
    private static final String TENANT = "tandem.tenant";

    /** Before everything that answers, whatever else is registered. */
    static final int FIRST = -1000;
    /** Quarkus's own routes, for whoever runs the server: probes, figures and the description of the API. */
    static final String OPERATIONS = "/q/";

    private static final String PROBES = "/q/health";
    private static final String METRICS = "/q/metrics";
    private static final String SCHEME = "Bearer ";
    /** Value of the label {@code route} in the metrics: where a stranger wants to go is of no interest. */
    private static final String LABEL = "unauthenticated";

    private final KeySource keys;
    private final boolean openMetrics;
    private final GatewayMetrics metrics;

    Authentication(KeySource keys, GatewayConfig config, GatewayMetrics metrics) {
        this.keys = keys;
        this.openMetrics = config.keys().openMetrics();
        this.metrics = metrics;
    }

    void register(@Observes Router router) {
        router.route().order(FIRST).handler(this::check);
    }

    /** Whose request this is; empty when everybody may ask. */
    static String tenant(RoutingContext routing) {
        String owner = routing.get(TENANT);
        return owner == null ? "" : owner;
    }

    private void check(RoutingContext routing) {
        if (keys.isOpen() || isForEverybody(routing.normalizedPath())) {
            routing.next();
            return;
        }
        String header = routing.request().getHeader("Authorization");
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            refuse(routing, "An API key is needed: send the header \"Authorization: Bearer KEY\".");
            return;
        }
        keys.owner(header.substring(SCHEME.length()).strip())
                .ifPresentOrElse(
                        owner -> {
                            routing.put(TENANT, owner);
                            routing.next();
                        },
                        () -> refuse(routing, "This API key is not good here."));
    }

    private boolean isForEverybody(String path) {
        return path.equals(PROBES) || path.startsWith(PROBES + "/") || (openMetrics && path.equals(METRICS));
    }

    private void refuse(RoutingContext routing, String message) {
        Exchange exchange = new Exchange(routing);
        exchange.header("WWW-Authenticate", "Bearer");
        exchange.fail(new TandemException(ErrorCode.INVALID_API_KEY, null, message), 0);
        metrics.failed(LABEL, ErrorCode.INVALID_API_KEY, exchange.elapsed());
    }
}
