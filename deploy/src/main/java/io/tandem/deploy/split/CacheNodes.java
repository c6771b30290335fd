package io.tandem.deploy.split;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the nodes of the cache are started, and how they and the services find them. Several form a cluster, in which two hold each
 * entry: any one may die without a state being lost. Immutable: where they listen is chosen before the first is started. Whoever names
 * servers in the environment has them elsewhere, and no node is started.
 */
final class CacheNodes {

    /** As for the all-in-one app, whose cache it bounds. */
    private static final String MAX_SIZE = "TANDEM_CACHE_MAX_SIZE";

    /** As the services read it: HOST:PORT of Hot Rod servers. */
    private static final String ELSEWHERE = "TANDEM_CACHE_SERVERS";

    private static final int OWNERS = 2;

    private final Installation installation;
    private final List<Ports> nodes;

    /** @param count at least 1; a lone node looks for no others */
    CacheNodes(Installation installation, int count) {
        this.installation = installation;
        this.nodes = Stream.generate(Ports::ofNode)
                .limit(elsewhere().isPresent() ? 0 : count)
                .toList();
    }

    /** Where servers are that are to be used instead. */
    static Optional<String> elsewhere() {
        return Optional.ofNullable(System.getenv(ELSEWHERE)).filter(servers -> !servers.isBlank());
    }

    /** Where each of them listens. */
    List<Ports> ports() {
        return nodes;
    }

    String mainClass() {
        return "io.tandem.cache.server.CacheServer";
    }

    /** Their jar, and those that it needs. */
    String classPath() {
        return installation.libraries(Role.CACHE);
    }

    /** Of the node that listens there. */
    Map<String, Object> settings(Ports where) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("java.net.preferIPv4Stack", true);
        settings.put("tandem.cache.server.host", "127.0.0.1");
        settings.put("tandem.cache.server.port", where.service());
        if (nodes.size() > 1) {
            settings.put("tandem.cache.server.cluster-port", where.operations());
            settings.put(
                    "tandem.cache.server.initial-hosts",
                    nodes.stream()
                            .map(node -> "127.0.0.1[" + node.operations() + "]")
                            .collect(Collectors.joining(",")));
            settings.put("tandem.cache.server.owners", OWNERS);
        }
        String maxSize = System.getenv(MAX_SIZE);
        if (maxSize != null) {
            settings.put("tandem.cache.server.max-size", maxSize);
        }
        return settings;
    }

    /** Of every service that uses the cache. */
    Map<String, Object> clientSettings() {
        return Map.of(
                "tandem.cache.mode",
                "server",
                "tandem.cache.servers",
                elsewhere().orElseGet(() -> nodes.stream().map(Ports::address).collect(Collectors.joining(","))));
    }
}
