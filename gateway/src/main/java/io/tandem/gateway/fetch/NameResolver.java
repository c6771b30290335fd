package io.tandem.gateway.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a name; may block. */
@FunctionalInterface
public interface NameResolver {

    /** As the operating system does. */
    NameResolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /**
     * The addresses of a host, at least one.
     *
     * @param host a name, or an address as it stands in a URL
     */
    List<InetAddress> resolve(String host) throws UnknownHostException;
}
