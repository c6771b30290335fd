package io.tandem.gateway.fetch;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Allows what anybody on the Internet could reach, and so nothing that only this machine or its network can: the blocks are
 * those that IANA's special-purpose registries (RFC 6890) mark as not global, multicast, and the addresses at which clouds serve
 * credentials. Immutable.
 */
public final class PublicAddresses implements AddressPolicy {

    private static final int IPV4_BYTES = 4;

    private static final List<AddressBlock> REFUSED = Stream.of(
                    "0.0.0.0/8", // this network, and this machine
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carrier-grade NAT; Alibaba's metadata
                    "127.0.0.0/8", // loopback
                    "168.63.129.16/32", // Azure's platform, though its block is public
                    "169.254.0.0/16", // link-local; metadata of most clouds
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments; Oracle's metadata
                    "192.0.2.0/24", // documentation
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "198.18.0.0/15", // benchmarks
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4", // reserved, and broadcast
                    "2001::/23", // protocol assignments; Teredo, which embeds IPv4 addresses
                    "2001:db8::/32", // documentation
                    "2002::/16", // 6to4, which embeds IPv4 addresses
                    "3fff::/20") // documentation
            .map(AddressBlock::of)
            .toList();

    /** All that IANA has given out as global unicast. Outside are loopback, link-local, unique local, mapped and the like. */
    private static final AddressBlock GLOBAL_UNICAST = AddressBlock.of("2000::/3");

    /** Networks without IPv4 reach the whole of it through this block (RFC 6052): what counts is the address inside. */
    private static final AddressBlock NAT64 = AddressBlock.of("64:ff9b::/96");

    @Override
    public boolean allows(InetAddress address) {
        // IPv4-mapped addresses never come here: InetAddress makes IPv4 ones of them.
        byte[] bytes = address.getAddress();
        if (NAT64.contains(bytes)) {
            return allows(Arrays.copyOfRange(bytes, bytes.length - IPV4_BYTES, bytes.length));
        }
        return allows(bytes);
    }

    private static boolean allows(byte[] bytes) {
        return (bytes.length == IPV4_BYTES || GLOBAL_UNICAST.contains(bytes))
                && REFUSED.stream().noneMatch(block -> block.contains(bytes));
    }
}
