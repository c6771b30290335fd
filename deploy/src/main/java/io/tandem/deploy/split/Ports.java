package io.tandem.deploy.split;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where one process listens on the loopback interface.
 *
 * @param service for those that use it
 * @param operations for probes and metrics
 */
record Ports(int service, int operations) {

    /** Below those that systems give to outgoing connections, of which processes that start have many before they listen. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;

    /** Each is given once, as whoever gets one listens on it seconds later; other supervisors begin elsewhere. */
    private static final AtomicInteger NEXT = new AtomicInteger(ThreadLocalRandom.current().nextInt(LAST - FIRST));

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
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "no port from %d to %d is free on the loopback interface".formatted(FIRST, LAST - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
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
