package io.tandem.gateway.health;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once every role has served. */
@Startup
@Singleton
public final class StartedCheck implements HealthCheck {

    private final ServiceWatch watch;

    StartedCheck(ServiceWatch watch) {
        this.watch = watch;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("gateway").status(watch.wasReady()).build();
    }
}
