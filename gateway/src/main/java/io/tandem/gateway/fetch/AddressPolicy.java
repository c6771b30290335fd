package io.tandem.gateway.fetch;

import java.net.InetAddress;

/** Says to which addresses a connection may be made. */
@FunctionalInterface
public interface AddressPolicy {

    boolean allows(InetAddress address);
}
