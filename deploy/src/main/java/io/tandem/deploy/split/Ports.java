package io.tandem.deploy.split;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Where one process listens on the loopback interface.
 *
 * @param service for those that use it
 * @param operations for probes and metrics
 */
record Ports(int service, int operations) {

    /** Two that nobody listens on. */
    static Ports free() {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket operations = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Ports(service.getLocalPort(), operations.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free on the loopback interface", e);
        }
    }

    /** @throws IllegalStateException if somebody else listens there, whose answers would be taken for those of the gateway */
    static void requireFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException taken) {
            throw new IllegalStateException(
                    "nothing can listen at %s:%d (%s); --host and --port choose another place"
                            .formatted(host, port, taken.getMessage()),
                    taken);
        }
    }

    /** {@code host:port} for those that use it. */
    String address() {
        return "127.0.0.1:" + service;
    }
}
