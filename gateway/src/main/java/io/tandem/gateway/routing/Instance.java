package io.tandem.gateway.routing;

import io.grpc.ManagedChannel;
import io.tandem.routing.Candidate;
import io.tandem.routing.Scores;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One instance of a service and what the gateway knows of it. Owned by the {@link Router} of its role; thread-safe. */
public final class Instance implements Candidate {

    private final String id;
    private final long hash;
    private final ManagedChannel channel;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean available;
    private volatile boolean serving;
    /** Null until it was asked, and while it has to be asked again. */
    private volatile String model;

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

    /** Which model it serves, as it said last; empty while that isn't known. */
    public Optional<String> model() {
        return Optional.ofNullable(model);
    }

    /** What it says of its model was proved wrong: another process has come in its place, and gets nothing before it was asked. */
    public void doubt() {
        model = null;
    }

    /** Takes note of which model something was made with. */
    public void doubtUnless(String maker) {
        if (!serves(maker)) {
            doubt();
        }
    }

    /** Whether it serves that model, as far as is known. */
    boolean serves(String wanted) {
        return wanted.equals(model);
    }

    /** @param servedModel null if it doesn't serve */
    void set(String servedModel) {
        model = servedModel;
        serving = servedModel != null;
        available = serving;
    }

    void begin() {
        inFlight.incrementAndGet();
    }

    void end() {
        inFlight.decrementAndGet();
    }
}
