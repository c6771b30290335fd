package io.tandem.gateway.routing;

import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.vision.v1.VisionServiceGrpc;

/** What a service behind the gateway does. */
public enum Role {
    VISION("vision", "tandem.gateway.vision", VisionServiceGrpc.SERVICE_NAME),
    ENCODER("encoder", "tandem.gateway.encoder", EncoderServiceGrpc.SERVICE_NAME),
    DECODER("decoder", "tandem.gateway.decoders", DecoderServiceGrpc.SERVICE_NAME);

    private final String label;
    private final String setting;
    private final String service;

    Role(String label, String setting, String service) {
        this.label = label;
        this.setting = setting;
        this.service = service;
    }

    /** Its name for people. */
    public String label() {
        return label;
    }

    /** The setting that says where its instances listen. */
    public String setting() {
        return setting;
    }

    /** The gRPC service whose health counts. */
    public String service() {
        return service;
    }
}
