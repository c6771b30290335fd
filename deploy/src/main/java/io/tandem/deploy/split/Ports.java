package io.tandem.deploy.split;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where one process listens on the loopback interface.
 *
 * @param service for those that use it
 * @param operations for probes and metrics; of a node of the cache, for the other nodes
 */
record Ports(int service, int operations) {

    private static final int WATCH = 100;

    /** Below those that systems give to outgoing connections, of which processes that start have many before they listen. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;

    /** Each is given once, as whoever gets one listens on it seconds later; other supervisors begin elsewhere. */
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(LAST - FIRST));

    /**
     * Two that nobody listens on.
     *
     * @throws IllegalStateException if there are none
     */
    static Ports free() {
        return new Ports(next(), next());
    }

    private static int next() {
        for (int tries = FIRST; tries < LAST; tries++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), LAST - FIRST);
            if (isFree("127.0.0.1", port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "no port from %d to %d is free on the loopback interface".formatted(FIRST, LAST - 1));
    }

    /** Those of a node of a cluster, which listens {@value #WATCH} above the port for other nodes too, to notice when one is gone. */
    static Ports ofNode() {
        while (true) {
            Ports ports = free();
            if (isFree("127.0.0.1", ports.operations() + WATCH)) {
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
