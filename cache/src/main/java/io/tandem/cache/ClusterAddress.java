package io.tandem.cache;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where a process of a cluster listens for the others, and where it asks for them. Immutable.
 *
 * @param bindAddress name or address of this process, for the others
 * @param port for the others; the one 100 above is used too, to notice at once when a process dies
 * @param initialHosts processes to ask; empty if they have one name
 * @param dns a name whose addresses are those of all processes, which have the same port
 */
public record ClusterAddress(String bindAddress, int port, List<InetSocketAddress> initialHosts, Optional<String> dns) {
    /** Keeps a copy of the list. */
    public ClusterAddress {
        initialHosts = List.copyOf(initialHosts);
    }
}
