package io.tandem.gateway.health;

import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.vision.v1.VisionServiceGrpc;

/** What a service behind the gateway does. */
public enum Role {
    VISION("vision", VisionServiceGrpc.SERVICE_NAME),
    ENCODER("encoder", EncoderServiceGrpc.SERVICE_NAME),
    DECODER("decoder", DecoderServiceGrpc.SERVICE_NAME);

    private final String label;
    private final String service;

    Role(String label, String service) {
        this.label = label;
        this.service = service;
    }

    /** Its name for people. */
    String label() {
        return label;
    }

    /** The gRPC service whose health counts. */
    String service() {
        return service;
    }
}
