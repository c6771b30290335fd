package io.tandem.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Over which proxy an address is asked, from the environment variables that huggingface_hub and curl go by: {@code https_proxy},
 * {@code http_proxy}, {@code all_proxy} and {@code no_proxy}, or the same in capitals. Immutable.
 */
final class Proxies extends ProxySelector {

    /** No proxy for anything. */
    static final Proxies NONE = new Proxies(Optional.empty(), Optional.empty(), List.of());

    private static final int STANDARD_PORT = 80;

    private final Optional<Variable> ofHttp;
    private final Optional<Variable> ofHttps;
    private final List<String> direct;

    private Proxies(Optional<Variable> ofHttp, Optional<Variable> ofHttps, List<String> direct) {
        this.ofHttp = ofHttp;
        this.ofHttps = ofHttps;
        this.direct = direct;
    }

    /** A variable that is set; understood when it is needed, as one for other programs may say what these understand. */
    private record Variable(String name, String value) {}

    /**
     * A proxy.
     *
     * @param host where it is
     * @param port where it listens
     * @param authorization value of the header Proxy-Authorization, if it wants to know who asks
     */
    private record Gate(String host, int port, Optional<String> authorization) {

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Reads the variables. */
    static Proxies of(Map<String, String> environment) {
        Optional<Variable> all = variable(environment, "all_proxy");
        String direct = variable(environment, "no_proxy").map(Variable::value).orElse("");
        return new Proxies(
                variable(environment, "http_proxy").or(() -> all),
                variable(environment, "https_proxy").or(() -> all),
                List.of(direct.toLowerCase(Locale.ROOT).split("[\\s,]+")));
    }

    /**
     * What the proxy of an address is told of who asks.
     *
     * @throws HubException naming the variable that names the proxy, if it can't be used
     */
    Optional<String> authorization(URI uri) {
        return gate(uri).flatMap(Gate::authorization);
    }

    /** For messages: nothing, or which proxy an address is asked over. */
    String way(URI uri) {
        return gate(uri).map(gate -> " over the proxy " + gate).orElse("");
    }

    @Override
    public List<Proxy> select(URI uri) {
        return List.of(gate(uri)
                .map(gate -> new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(gate.host(), gate.port())))
                .orElse(Proxy.NO_PROXY));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // Whoever asked hears of it, and there is no other proxy.
    }

    private Optional<Gate> gate(URI uri) {
        return isDirect(uri)
                ? Optional.empty()
                : ("https".equals(uri.getScheme()) ? ofHttps : ofHttp).map(Proxies::gate);
    }

    /** An entry is a host or a domain with all below it, with a port or without; a star is everything. */
    private boolean isDirect(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : STANDARD_PORT;
        return direct.stream().filter(entry -> !entry.isEmpty()).anyMatch(entry -> {
            String name = entry.replaceFirst("^\\*?\\.", "");
            boolean portFits = !name.matches(".*[^:]:\\d+") || name.endsWith(":" + port);
            String domain = portFits ? name.replaceFirst("(?<=[^:]):" + port + "$", "") : name;
            return entry.equals("*") || portFits && (host.equals(domain) || host.endsWith("." + domain));
        });
    }

    /** Messages never repeat the value: it may hold a password. */
    private static Gate gate(Variable variable) {
        URI uri;
        try {
            uri = new URI(variable.value().contains("://") ? variable.value() : "http://" + variable.value());
        } catch (URISyntaxException malformed) {
            throw new HubException(variable.name() + " is no address of a proxy, such as http://proxy:3128");
        }
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new HubException(variable.name()
                    + " must be the address of an HTTP proxy, such as http://proxy:3128; others are not spoken to");
        }
        Optional<String> authorization =
                Optional.ofNullable(uri.getRawUserInfo()).map(Proxies::basic);
        return new Gate(uri.getHost(), uri.getPort() < 0 ? STANDARD_PORT : uri.getPort(), authorization);
    }

    private static String basic(String rawUserInfo) {
        // A plus is a plus here, not a blank.
        String plain = URLDecoder.decode(rawUserInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
        String pair = plain.contains(":") ? plain : plain + ":";
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** The variable in small letters before that in capitals, as curl and Python have it; one that is blank counts as not set. */
    private static Optional<Variable> variable(Map<String, String> environment, String name) {
        for (String spelling : new String[] {name, name.toUpperCase(Locale.ROOT)}) {
            String value = environment.get(spelling);
            if (value != null && !value.isBlank()) {
                return Optional.of(new Variable(spelling, value.strip()));
            }
        }
        return Optional.empty();
    }
}
