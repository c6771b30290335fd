package io.tandem.gateway.http;

import io.tandem.gateway.config.GatewayConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The page at {@code /} and the files under {@code /playground/} that it is made of. Thread-safe. */
@Singleton
final class Playground {

    private static final String FOLDER = "/playground/";
    private static final String PAGE = "index.html";
    /** Before {@link Authentication}: the page is everybody's, and asks for a key itself. */
    private static final int BEFORE_KEYS = -2000;

    /** Names that lead nowhere else: neither up nor to anything hidden. */
    private static final Pattern NAME = Pattern.compile("[a-z]+(?:\\.[a-z]+)*\\.(css|html|js|svg)");

    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    /** Pictures are shown from data: URIs; nothing else comes from anywhere but here. */
    private static final String SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";

    private static final Map<String, String> HEADERS = Map.of(
            "content-security-policy", SECURITY_POLICY,
            "x-content-type-options", "nosniff",
            "x-frame-options", "DENY",
            "referrer-policy", "no-referrer",
            "cross-origin-opener-policy", "same-origin",
            "cross-origin-resource-policy", "same-origin",
            "permissions-policy", "camera=(), geolocation=(), microphone=()",
            // Asked for anew each time, and answered with 304: a new server never meets an old script.
            "cache-control", "no-cache");

    private final boolean served;
    private final Map<String, Asset> assets = new ConcurrentHashMap<>();

    Playground(GatewayConfig config) {
        this.served = config.playground();
    }

    /**
     * A file of the page.
     *
     * @param type its media type
     * @param tag names its content
     * @param content not to be changed
     */
    private record Asset(String type, String tag, Buffer content) {}

    void register(@Observes Router router) {
        if (served) {
            handle(router.route("/"), routing -> PAGE);
            handle(router.route(FOLDER + "*"), Playground::nameInFolder);
        }
    }

    private void handle(Route route, Function<RoutingContext, String> name) {
        // Not on the event loop: what was never asked for is read from a jar.
        route.method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .order(BEFORE_KEYS)
                .blockingHandler(
                        routing -> find(name.apply(routing))
                                .ifPresentOrElse(asset -> answer(routing, asset), routing::next),
                        false);
    }

    /** What follows the folder; the route matches the folder without its last slash, too. */
    private static String nameInFolder(RoutingContext routing) {
        String path = routing.normalizedPath();
        return path.startsWith(FOLDER) ? path.substring(FOLDER.length()) : "";
    }

    private static void answer(RoutingContext routing, Asset asset) {
        HttpServerResponse response = routing.response();
        HEADERS.forEach(response::putHeader);
        response.putHeader("etag", asset.tag());
        if (asset.tag().equals(routing.request().getHeader("if-none-match"))) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader("content-type", asset.type());
        if (routing.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader(
                            "content-length", Integer.toString(asset.content().length()))
                    .end();
        } else {
            response.end(asset.content());
        }
    }

    /** Only what exists is kept, so strangers cannot fill the memory. */
    private Optional<Asset> find(String name) {
        Asset known = assets.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Asset> read = NAME.matcher(name).matches() ? read(name) : Optional.empty();
        read.ifPresent(asset -> assets.put(name, asset));
        return read;
    }

    private static Optional<Asset> read(String name) {
        try (InputStream file = Playground.class.getResourceAsStream(FOLDER + name)) {
            if (file == null) {
                return Optional.empty();
            }
            byte[] content = file.readAllBytes();
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            return Optional.of(new Asset(type, tag(content), Buffer.buffer(content)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
