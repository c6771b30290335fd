package io.tandem.gateway.fetch;

import io.tandem.contract.TandemException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A checked address on the web, as far as a request needs it.
 *
 * @param tls https, not http
 * @param host in lower case, without a dot at its end; an IPv6 address in brackets
 * @param port explicit or the scheme's own
 * @param target path and query, as the request line has them
 */
record RemoteUrl(boolean tls, String host, int port, String target) {

    /** What stores sign is long, and what servers take is not much longer. */
    private static final int MAX_LENGTH = 8192;

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /**
     * Reads what a client wrote.
     *
     * @param field refused if it is no address that can be fetched
     */
    static RemoteUrl parse(String text, FetchedField field) {
        return of(uri(text, field), field);
    }

    /** Where a redirect leads, which may be relative. */
    RemoteUrl redirected(String location, FetchedField field) {
        URI base = URI.create((tls ? "https://" : "http://") + host + ":" + port + target);
        return of(base.resolve(uri(location, field)), field);
    }

    private static URI uri(String text, FetchedField field) {
        if (text.length() > MAX_LENGTH) {
            throw field.invalid("is an address of %,d characters, limit %,d".formatted(text.length(), MAX_LENGTH));
        }
        try {
            return new URI(text);
        } catch (URISyntaxException malformed) {
            throw malformed(field);
        }
    }

    private static RemoteUrl of(URI uri, FetchedField field) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        if (!tls && !"http".equalsIgnoreCase(uri.getScheme())) {
            throw field.invalid("must be, and lead to, an address of http or https");
        }
        if (uri.getRawUserInfo() != null) {
            throw field.invalid("must hold no user name and no password");
        }
        // Null too for an authority that is no host, such as one with a character that names don't have.
        if (uri.getHost() == null || uri.getPort() > 65_535) {
            throw malformed(field);
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        int port = uri.getPort() < 0 ? (tls ? HTTPS_PORT : HTTP_PORT) : uri.getPort();
        URI ascii = URI.create(uri.toASCIIString());
        String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return new RemoteUrl(tls, host, port, ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery());
    }

    private static TandemException malformed(FetchedField field) {
        return field.invalid("is no well-formed address");
    }
}
