package io.tandem.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/**
 * Requests to the hub and to where it sends for large files. The token goes to the hub's own address only, over every
 * redirect. Safe for any number of threads.
 */
final class HubHttp implements AutoCloseable {

    private static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private static final int PROXY_LOGIN = 407;
    /** Kinds of passwords that the JDK keeps from proxies that it tunnels through; read once, before its first client is made. */
    private static final String KEPT_FROM_TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

    /** What a server says that is overloaded or half up. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

    private final HubConfig config;
    private final HttpClient client;

    static {
        if (System.getProperty(KEPT_FROM_TUNNELS) == null) {
            System.setProperty(KEPT_FROM_TUNNELS, "");
        }
    }

    HubHttp(HubConfig config) {
        this.config = config;
        this.client = HttpClient.newBuilder()
                // Downloads at once go over connections of their own, so one that stalls holds up no other.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.timeout())
                .proxy(config.proxies())
                .build();
    }

    /**
     * Asks for content, over redirects to anywhere.
     *
     * @param from the first byte wanted
     * @return the answer, whatever its status but one that may pass; the caller closes its body
     * @throws UnreachableException if there is no answer, or one that says to try again later
     * @throws HubException if redirects lead nowhere
     */
    HttpResponse<TimedBody> get(URI uri, long from) throws UnreachableException, InterruptedException {
        return follow("GET", uri, from);
    }

    /** As {@link #get}, without the content and over the hub's own redirects only: a file's description ends there. */
    HttpResponse<TimedBody> head(URI uri) throws UnreachableException, InterruptedException {
        return follow("HEAD", uri, 0);
    }

    /** True if an address is the hub's own, which may know who asks. */
    boolean isHub(URI uri) {
        return origin(uri).equals(origin(config.endpoint()));
    }

    private HttpResponse<TimedBody> follow(String method, URI first, long from)
            throws UnreachableException, InterruptedException {
        URI uri = first;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<TimedBody> response = send(request(method, uri, from));
            if (!REDIRECTS.contains(response.statusCode())) {
                return refusePassing(response);
            }
            URI next = target(uri, response);
            if (method.equals("HEAD") && !isHub(next)) {
                return response;
            }
            response.body().close();
            uri = next;
        }
        throw new HubException(first + " redirects more than " + MAX_REDIRECTS + " times");
    }

    private HttpRequest request(String method, URI uri, long from) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(config.timeout())
                .header("User-Agent", "tandem")
                // Sizes and ranges are those of the file, not of a compressed form.
                .header("Accept-Encoding", "identity");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        // Before the proxy asks for it, since the JDK's own answer would need an Authenticator.
        config.proxies().authorization(uri).ifPresent(value -> request.header("Proxy-Authorization", value));
        if (isHub(uri)) {
            config.token().ifPresent(token -> request.header("Authorization", token.authorization()));
        }
        return request.build();
    }

    private HttpResponse<TimedBody> send(HttpRequest request) throws UnreachableException, InterruptedException {
        try {
            return client.send(request, head -> new TimedBody(config.timeout()));
        } catch (ConnectException e) {
            // The JDK tells of an unknown host without a message.
            throw new UnreachableException("can't connect to " + place(request.uri()) + describe(e), e);
        } catch (IOException e) {
            throw new UnreachableException("no answer from " + place(request.uri()) + describe(e), e);
        }
    }

    private String place(URI uri) {
        return origin(uri) + config.proxies().way(uri);
    }

    private static String describe(IOException e) {
        return e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
    }

    private HttpResponse<TimedBody> refusePassing(HttpResponse<TimedBody> response) throws UnreachableException {
        if (response.statusCode() == PROXY_LOGIN) {
            // A tunnel that was refused has none.
            if (response.body() != null) {
                response.body().close();
            }
            throw new HubException("the proxy on the way to " + place(response.uri())
                    + " wants a user name and password, or others: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT");
        }
        if (!PASSING.contains(response.statusCode())) {
            return response;
        }
        response.body().close();
        throw new UnreachableException(
                origin(response.uri()) + " answered " + response.statusCode(), retryAfter(response));
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        return response.headers().firstValue("Retry-After").flatMap(HubHttp::wait);
    }

    /** Seconds or a date, as the standard allows; nothing if it is neither. */
    private static Optional<Duration> wait(String text) {
        if (text.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            long seconds = Math.max(0, ChronoUnit.SECONDS.between(ZonedDateTime.now(until.getZone()), until));
            return Optional.of(Duration.ofSeconds(seconds));
        } catch (DateTimeParseException malformed) {
            return Optional.empty();
        }
    }

    private static URI target(URI from, HttpResponse<TimedBody> response) {
        String location = response.headers().firstValue("Location").orElse("");
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new HubException(origin(from) + " redirects to what is no address", e);
        }
        boolean secure = "https".equals(target.getScheme());
        boolean asSecure = secure || ("http".equals(target.getScheme()) && "http".equals(from.getScheme()));
        if (location.isEmpty() || target.getHost() == null || !asSecure) {
            throw new HubException(origin(from) + " redirects to " + target.getScheme() + "://" + target.getHost()
                    + ", which is no web server or less safe than itself");
        }
        return target;
    }

    /** Scheme, host and port: what an address has to share with the hub's to be trusted like it; never its query. */
    static String origin(URI uri) {
        int standard = "https".equals(uri.getScheme()) ? 443 : 80;
        int port = uri.getPort() < 0 ? standard : uri.getPort();
        return uri.getScheme() + "://" + uri.getHost() + (port == standard ? "" : ":" + port);
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
