package io.tandem.gateway.fetch;

import io.tandem.gateway.config.GatewayConfig;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What may be fetched, and how much.
 *
 * @param hosts names that may be asked, those that begin with a dot for all names below; empty for all
 * @param ports that may be connected to
 * @param maxBytes of one picture
 * @param maxBytesOfRequest of all pictures of one request
 * @param maxRedirects on the way to one picture
 * @param timeout for one picture
 * @param idleTimeout for the next bytes of one
 * @param parallel pictures at the same time
 * @param parallelOfRequest pictures of one request at the same time
 */
public record FetchLimits(
        List<String> hosts,
        Set<Integer> ports,
        long maxBytes,
        long maxBytesOfRequest,
        int maxRedirects,
        Duration timeout,
        Duration idleTimeout,
        int parallel,
        int parallelOfRequest) {

    /** Keeps its own copies. */
    public FetchLimits {
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        ports = Set.copyOf(ports);
    }

    /** As configured. */
    public static FetchLimits of(GatewayConfig config) {
        GatewayConfig.Images images = config.images();
        GatewayConfig.Remote remote = images.remote();
        return new FetchLimits(
                remote.hosts().orElse(List.of()),
                Set.copyOf(remote.ports()),
                images.maxSize().asLongValue(),
                config.body().maxSize().asLongValue(),
                remote.maxRedirects(),
                remote.timeout(),
                remote.idleTimeout(),
                remote.parallel(),
                images.parallel());
    }

    boolean allows(RemoteUrl url) {
        return ports.contains(url.port())
                && (hosts.isEmpty()
                        || hosts.stream()
                                .anyMatch(host -> host.startsWith(".")
                                        ? url.host().endsWith(host)
                                        : url.host().equals(host)));
    }
}
