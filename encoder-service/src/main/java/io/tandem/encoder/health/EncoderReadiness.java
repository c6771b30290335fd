package io.tandem.encoder.health;

import io.tandem.encoder.EncoderBeans;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready once the warm-up has run through the model, until the shutdown begins. */
@Readiness
@Startup
public class EncoderReadiness implements HealthCheck {

    private final EncoderBeans encoder;

    /** @param encoder of this process, which may not be loaded yet */
    public EncoderReadiness(EncoderBeans encoder) {
        this.encoder = encoder;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("encoder")
                .status(encoder.state().isReady())
                .withData("state", encoder.state().phase().name())
                .build();
    }
}
