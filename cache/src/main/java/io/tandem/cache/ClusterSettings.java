package io.tandem.cache;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a process gives to a cluster, and how it finds the others, checked. Immutable.
 *
 * @param cacheName cache that holds the states, and the cluster's name
 * @param maxBytes memory that this process gives
 * @param owners copies of each entry
 * @param timeout of every operation
 * @param readAhead chunks under way at once, at least 1
 */
record ClusterSettings(
        ClusterAddress address, String cacheName, long maxBytes, int owners, Duration timeout, int readAhead) {

    /** @throws IllegalArgumentException if a setting is out of its range or missing; the message names it */
    static ClusterSettings of(CacheConfig config) {
        CacheConfig.Cluster cluster = config.cluster();
        StoreLimits limits = StoreLimits.of(config);
        if (cluster.port() < 1 || cluster.port() > 65_435) {
            throw new IllegalArgumentException(
                    "tandem.cache.cluster.port is " + cluster.port() + ", it must be 1 to 65435");
        }
        if (cluster.owners() < 1) {
            throw new IllegalArgumentException(
                    "tandem.cache.cluster.owners is " + cluster.owners() + ", it must be at least 1");
        }
        if (cluster.initialHosts().isPresent() == cluster.dns().isPresent()) {
            throw new IllegalArgumentException(
                    "tandem.cache.mode is cluster, so either tandem.cache.cluster.initial-hosts or "
                            + "tandem.cache.cluster.dns must be set");
        }
        List<InetSocketAddress> hosts = cluster.initialHosts().orElse(List.of()).stream()
                .map(host -> ServerSettings.address("tandem.cache.cluster.initial-hosts", host))
                .toList();
        ClusterAddress address = new ClusterAddress(cluster.bindAddress(), cluster.port(), hosts, cluster.dns());
        return new ClusterSettings(
                address,
                config.name(),
                limits.maxBytes(),
                cluster.owners(),
                ServerSettings.positive("tandem.cache.timeout", config.timeout()),
                ServerSettings.chunksInFlight(config));
    }
}
