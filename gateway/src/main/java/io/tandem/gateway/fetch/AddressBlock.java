package io.tandem.gateway.fetch;

import java.net.InetAddress;

/**
 * All addresses that begin with the same bits. Immutable.
 *
 * @param network the first of them; not to be changed
 * @param prefixBits how many bits they share
 */
record AddressBlock(byte[] network, int prefixBits) {

    /**
     * Reads CIDR notation.
     *
     * @param block such as {@code 10.0.0.0/8}; a programming error if malformed
     */
    static AddressBlock of(String block) {
        int slash = block.indexOf('/');
        byte[] network = InetAddress.ofLiteral(block.substring(0, slash)).getAddress();
        return new AddressBlock(network, Integer.parseInt(block.substring(slash + 1)));
    }

    /** Whether an address, as {@link InetAddress#getAddress} gives it, is one of them; never one of the other family. */
    boolean contains(byte[] address) {
        if (address.length != network.length) {
            return false;
        }
        int whole = prefixBits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (address[i] != network[i]) {
                return false;
            }
        }
        int rest = Byte.SIZE - prefixBits % Byte.SIZE;
        return rest == Byte.SIZE || (address[whole] & 0xff) >>> rest == (network[whole] & 0xff) >>> rest;
    }
}
