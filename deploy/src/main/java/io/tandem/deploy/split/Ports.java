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
 * @param operations for probes and metrics; of a node of the cache, for the other nodes
 */
record Ports(int service, int operations) {

    private static final int WATCH = 100;
    private static final int MAX_PORT = 65_535;

    /** Two that nobody listens on. */
    static Ports free() {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket operations = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Ports(service.getLocalPort(), operations.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free on the loopback interface", e);
        }
    }

    /** Those of a node of a cluster, which listens {@value #WATCH} above the port for other nodes too, to notice when one is gone. */
    static Ports ofNode() {
        while (true) {
            Ports ports = free();
            int watch = ports.operations() + WATCH;
            if (watch <= MAX_PORT && isFree("127.0.0.1", watch)) {
                return ports;
            }
        }
    }

    /** @throws IllegalStateException if somebody else listens there, whose answers would be taken for those of the gateway */
    static void requireFree(String host, int port) {
        try {
            bind(host, port);
        } catch (IOException taken) {
            throw new IllegalStateException(
                    "nothing can listen at %s:%d (%s); --host and --port choose another place"
                            .formatted(host, port, taken.getMessage()),
                    taken);
        }
    }

    private static boolean isFree(String host, int port) {
        try {
            bind(host, port);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    private static void bind(String host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
        }
    }

    /** {@code host:port} for those that use it. */
    String address() {
        return "127.0.0.1:" + service;
    }
}
