package io.tandem.gateway.routing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a name; may block. */
@FunctionalInterface
interface NameLookup {

    /** The machine's own. The JDK keeps what it found for 30 s, unless {@code -Dsun.net.inetaddr.ttl=SECONDS} says otherwise. */
    NameLookup SYSTEM = name -> List.of(InetAddress.getAllByName(name));

    /** @throws UnknownHostException if there is none */
    List<InetAddress> find(String name) throws UnknownHostException;
}
