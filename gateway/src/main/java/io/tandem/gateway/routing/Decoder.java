package io.tandem.gateway.routing;

import io.grpc.Channel;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import java.util.concurrent.atomic.AtomicInteger;

/** One decoder-service and what the gateway knows of it. Owned by the {@link DecoderRouter}; thread-safe. */
public final class Decoder {

    private final String id;
    private final DecoderServiceGrpc.DecoderServiceStub stub;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean available = true;

    /**
     * @param id its address, as configured
     * @param channel to it
     */
    public Decoder(String id, Channel channel) {
        this.id = id;
        this.stub = DecoderServiceGrpc.newStub(channel);
    }

    /** Its address, as configured. */
    public String id() {
        return id;
    }

    /** Calls it. */
    public DecoderServiceGrpc.DecoderServiceStub stub() {
        return stub;
    }

    /** Requests of this gateway that it works on. */
    public int inFlight() {
        return inFlight.get();
    }

    /** False while its health check fails: it gets no new requests then. */
    public boolean isAvailable() {
        return available;
    }

    /** Says what its last health check said. */
    public void setAvailable(boolean available) {
        this.available = available;
    }

    void begin() {
        inFlight.incrementAndGet();
    }

    void end() {
        inFlight.decrementAndGet();
    }
}
