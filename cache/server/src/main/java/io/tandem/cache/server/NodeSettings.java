package io.tandem.cache.server;

import io.tandem.cache.ClusterAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Settings of one node, each an option of the command line or a system property. Filled once by picocli, read-only from
 * then on.
 */
@Command(
        name = "cache-server",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Keeps encoder states for services in other processes, in memory off the Java heap.",
        footer = "%nEach option is also a system property: -Dtandem.cache.server.max-size=4GB.")
public final class NodeSettings {
    @Option(
            names = "--host",
            defaultValue = "${sys:tandem.cache.server.host:-127.0.0.1}",
            description = "Address that clients and other nodes connect to; ${DEFAULT-VALUE} unless given.")
    String host;

    @Option(
            names = "--port",
            defaultValue = "${sys:tandem.cache.server.port:-11222}",
            description = "Port for clients; ${DEFAULT-VALUE} unless given.")
    int port;

    @Option(
            names = "--advertised-host",
            defaultValue = "${sys:tandem.cache.server.advertised-host}",
            description = "Name or address that clients are told, if it is not --host.")
    String advertisedHost;

    @Option(
            names = "--cluster-port",
            defaultValue = "${sys:tandem.cache.server.cluster-port:-0}",
            description = "Port for other nodes; 0, which is the default, for a node without others.")
    int clusterPort;

    @Option(
            names = "--initial-hosts",
            defaultValue = "${sys:tandem.cache.server.initial-hosts:-}",
            description = "Nodes of the cluster as HOST[CLUSTER-PORT], separated by commas; one that runs suffices.")
    String initialHosts;

    @Option(
            names = "--owners",
            defaultValue = "${sys:tandem.cache.server.owners:-2}",
            description = "Nodes that hold a copy of each entry; ${DEFAULT-VALUE} unless given.")
    int owners;

    @Option(
            names = "--max-size",
            defaultValue = "${sys:tandem.cache.server.max-size:-1GB}",
            description = "Memory for entries on this node, such as 512MB or 4GB; ${DEFAULT-VALUE} unless given.")
    String maxSize;

    @Option(
            names = "--name",
            defaultValue = "${sys:tandem.cache.server.name:-tandem-states}",
            description = "Name of the cache; ${DEFAULT-VALUE} unless given.")
    String cacheName;

    @Spec
    CommandSpec command;

    /** Whether the node looks for others. */
    boolean isClustered() {
        return clusterPort != 0;
    }

    /** Where the node listens for others and asks for them. */
    ClusterAddress clusterAddress() {
        return new ClusterAddress(host, clusterPort, addresses(initialHosts), Optional.empty());
    }

    /** Reads {@code one[7800],two[7800]}, without asking for the hosts. */
    static List<InetSocketAddress> addresses(String hosts) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String host : hosts.split(",")) {
            String[] parts = host.strip().split("[\\[\\]]");
            if (parts.length != 2 || !parts[1].matches("\\d{1,5}")) {
                throw new IllegalArgumentException(
                        "'" + host.strip() + "' in --initial-hosts is no HOST[PORT], such as 127.0.0.1[7800]");
            }
            addresses.add(InetSocketAddress.createUnresolved(parts[0], Integer.parseInt(parts[1])));
        }
        return addresses;
    }

    /** @throws ParameterException if a value can't be used; the message names it */
    void check() {
        require(port > 0 && port < 65_536, "--port is " + port + ", it must be 1 to 65535");
        require(
                clusterPort >= 0 && clusterPort < 65_536,
                "--cluster-port is " + clusterPort + ", it must be 0 to 65535");
        require(owners >= 1, "--owners is " + owners + ", it must be at least 1");
        require(
                isClustered() == !initialHosts.isBlank(),
                "--cluster-port and --initial-hosts belong together, only one of them is given");
        require(maxSize.matches("\\d+([KMGT]B?)?"), "--max-size is " + maxSize + ", write it like 512MB or 4GB");
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(command.commandLine(), message);
        }
    }
}
