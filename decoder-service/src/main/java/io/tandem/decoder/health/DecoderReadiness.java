package io.tandem.decoder.health;

import io.tandem.decoder.DecoderBeans;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready once the warm-up has run through the model, until the shutdown begins. */
@Readiness
@Startup
public class DecoderReadiness implements HealthCheck {

    private final DecoderBeans decoder;

    /** @param decoder of this process, which may not be loaded yet */
    public DecoderReadiness(DecoderBeans decoder) {
        this.decoder = decoder;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("decoder")
                .status(decoder.state().isReady())
                .withData("state", decoder.state().phase().name())
                .build();
    }
}
