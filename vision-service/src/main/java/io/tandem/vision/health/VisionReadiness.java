package io.tandem.vision.health;

import io.tandem.vision.VisionBeans;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready once the warm-up has run through the model, until the shutdown begins. */
@Readiness
@Startup
public class VisionReadiness implements HealthCheck {

    private final VisionBeans vision;

    /** @param vision of this process, which may not be loaded yet */
    public VisionReadiness(VisionBeans vision) {
        this.vision = vision;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("vision")
                .status(vision.state().isReady())
                .withData("state", vision.state().phase().name())
                .build();
    }
}
