package io.tandem.gateway.health;

import io.tandem.gateway.admission.AdmissionController;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while every role serves and the gateway is not shutting down. */
@Readiness
@Singleton
public final class ReadyCheck implements HealthCheck {

    private final ServiceWatch watch;
    private final AdmissionController admission;

    ReadyCheck(ServiceWatch watch, AdmissionController admission) {
        this.watch = watch;
        this.admission = admission;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("gateway")
                .status(watch.isReady() && !admission.isDraining())
                .withData("draining", admission.isDraining());
        watch.services().forEach(response::withData);
        return response.build();
    }
}
