package io.tandem.cache;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How an Infinispan server is reached, checked. Immutable.
 *
 * @param servers nodes to ask first; the others of their cluster are learned from them
 * @param cacheName cache that holds the states
 * @param maxBytes bound of that cache on each node, if it has to be created
 * @param timeout of every operation
 * @param retryAfter between two tries while the server can't be reached
 * @param readAhead chunks under way at once, at least 1
 */
record ServerSettings(
        List<InetSocketAddress> servers,
        Login login,
        String cacheName,
        long maxBytes,
        Duration timeout,
        Duration retryAfter,
        int readAhead) {

    /** A user of the server; both empty where it asks for none. */
    record Login(String username, String password) {}

    /** @throws IllegalArgumentException if a setting is out of its range or missing; the message names it */
    static ServerSettings of(CacheConfig config) {
        StoreLimits limits = StoreLimits.of(config);
        List<InetSocketAddress> servers = config.servers().orElse(List.of()).stream()
                .map(server -> address("tandem.cache.servers", server))
                .toList();
        if (servers.isEmpty()) {
            throw new IllegalArgumentException(
                    "tandem.cache.mode is server, so tandem.cache.servers must name at least one HOST:PORT");
        }
        if (config.username().isPresent() != config.password().isPresent()) {
            throw new IllegalArgumentException(
                    "tandem.cache.username and tandem.cache.password belong together, only one of them is set");
        }
        return new ServerSettings(
                servers,
                new Login(config.username().orElse(""), config.password().orElse("")),
                config.name(),
                limits.maxBytes(),
                positive("tandem.cache.timeout", config.timeout()),
                positive("tandem.cache.retry-after", config.retryAfter()),
                chunksInFlight(config));
    }

    /** All servers as HOST:PORT, for messages. */
    String names() {
        return String.join(
                ",",
                servers.stream()
                        .map(server -> server.getHostString() + ":" + server.getPort())
                        .toList());
    }

    /** Reads {@code HOST:PORT}, without asking for the host. */
    static InetSocketAddress address(String setting, String text) {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, colon).strip();
            return InetSocketAddress.createUnresolved(
                    host, Integer.parseInt(text.substring(colon + 1).strip()));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' in " + setting + " is no HOST:PORT, such as 127.0.0.1:11222", e);
        }
    }

    /** Chunks that settings allow to be on their way at once. */
    static int chunksInFlight(CacheConfig config) {
        return (int) Math.clamp(config.inFlight().bytes() / config.chunkSize().bytes(), 1, 1024);
    }

    static Duration positive(String setting, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(setting + " is " + value + ", it must be positive");
        }
        return value;
    }
}
