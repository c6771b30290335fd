package io.tandem.gateway.routing;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.tandem.telemetry.grpc.TracingClientInterceptor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The gateway's connections, one for each address. Thread-safe; closed with the process. */
public final class Channels implements AutoCloseable {

    /** Room for the tokens and their strings of a body of the usual limit, each byte a token. */
    private static final int MAX_REPLY_BYTES = 160 << 20;

    private final Map<String, ManagedChannel> byTarget = new HashMap<>();

    /**
     * Connects, when it is first used, to one address; callbacks run on the network's threads and must not block.
     *
     * @param target {@code host:port}
     */
    public synchronized ManagedChannel to(String target) {
        return byTarget.computeIfAbsent(target, address -> NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .directExecutor()
                .intercept(new TracingClientInterceptor())
                .maxInboundMessageSize(MAX_REPLY_BYTES)
                .build());
    }

    /** Gives up the connections to all other addresses, as soon as the calls on them have ended. */
    synchronized void retain(Set<String> targets) {
        byTarget.entrySet().removeIf(entry -> {
            boolean unused = !targets.contains(entry.getKey());
            if (unused) {
                entry.getValue().shutdown();
            }
            return unused;
        });
    }

    @Override
    public synchronized void close() {
        byTarget.values().forEach(ManagedChannel::shutdownNow);
        byTarget.clear();
    }
}
