package io.tandem.decoder.health;

import io.tandem.decoder.Decoder;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready once the warm-up has run through the model, until the shutdown begins. */
@Readiness
@Startup
public class DecoderReadiness implements HealthCheck {

    private final Decoder decoder;

    /** @param decoder of this process */
    public DecoderReadiness(Decoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("decoder")
                .status(decoder.ready())
                .withData("state", decoder.state().name())
                .build();
    }
}
