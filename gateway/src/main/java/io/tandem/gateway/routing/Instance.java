package io.tandem.gateway.routing;

import io.grpc.ManagedChannel;
import io.tandem.routing.Candidate;
import io.tandem.routing.Scores;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** One instance of a service and what the gateway knows of it. Owned by the {@link Router} of its role; thread-safe. */
public final class Instance implements Candidate {

    private final String id;
    private final long hash;
    private final ManagedChannel channel;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean available;
    private volatile boolean serving;

    /**
     * @param id its address, {@code host:port}
     * @param channel to it
     * @param available whether it gets requests before its first health check
     */
    Instance(String id, ManagedChannel channel, boolean available) {
        this.id = id;
        this.hash = Scores.hash(id.getBytes(StandardCharsets.UTF_8));
        this.channel = channel;
        this.available = available;
    }

    /** Its address, {@code host:port}. */
    public String id() {
        return id;
    }

    @Override
    public long hash() {
        return hash;
    }

    /** The way to it. */
    public ManagedChannel channel() {
        return channel;
    }

    /** Requests of this gateway that it works on. */
    @Override
    public int inFlight() {
        return inFlight.get();
    }

    /** False while its health check fails: it gets no new requests then. */
    public boolean isAvailable() {
        return available;
    }

    /** Whether its last health check said so; false before the first. */
    public boolean isServing() {
        return serving;
    }

    void setServing(boolean serving) {
        this.serving = serving;
        this.available = serving;
    }

    void begin() {
        inFlight.incrementAndGet();
    }

    void end() {
        inFlight.decrementAndGet();
    }
}
