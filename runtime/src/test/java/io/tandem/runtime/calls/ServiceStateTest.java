package io.tandem.runtime.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ServiceStateTest {

    private final GrpcHealthStorage health = new GrpcHealthStorage();
    private final ServiceState state = new ServiceState("one.Service", health);

    @Test
    void callsAreTakenOnlyBetweenWarmUpAndDrain() {
        state.starting();
        assertRefused(ErrorCode.UNAVAILABLE);
        state.ready();
        state.enter();
        assertEquals(1, state.active());
        state.leave();
        assertTrue(state.isReady());
        assertEquals(0, state.drain(Duration.ofSeconds(10)));
        assertRefused(ErrorCode.DRAINING);
        assertFalse(state.isReady());
    }

    @Test
    void theProcessIsHealthyWhenAllItsServicesAre() {
        ServiceState other = new ServiceState("other.Service", health);
        state.starting();
        other.starting();
        state.ready();
        assertEquals(ServingStatus.SERVING, status("one.Service"));
        assertEquals(ServingStatus.NOT_SERVING, status(GrpcHealthStorage.DEFAULT_SERVICE_NAME));
        other.ready();
        assertEquals(ServingStatus.SERVING, status(GrpcHealthStorage.DEFAULT_SERVICE_NAME));
        state.drain(Duration.ZERO);
        assertEquals(ServingStatus.NOT_SERVING, status("one.Service"));
        assertEquals(ServingStatus.NOT_SERVING, status(GrpcHealthStorage.DEFAULT_SERVICE_NAME));
    }

    @Test
    void aWarmUpThatEndsDuringTheDrainOpensNothing() {
        state.drain(Duration.ZERO);
        state.ready();
        assertFalse(state.isReady());
        assertRefused(ErrorCode.DRAINING);
        assertEquals(ServingStatus.NOT_SERVING, status("one.Service"));
    }

    @Test
    void drainingTellsHowManyCallsAreLeftWhenItsTimeIsUp() {
        state.ready();
        state.enter();
        assertEquals(1, state.drain(Duration.ofMillis(1)));
    }

    @Test
    void drainingWaitsForTheLastCall() throws InterruptedException {
        state.ready();
        state.enter();
        Thread call = Thread.ofPlatform().start(state::leave);
        assertEquals(0, state.drain(Duration.ofSeconds(10)));
        call.join();
    }

    private ServingStatus status(String service) {
        return health.statusForService(service).getStatus();
    }

    private void assertRefused(ErrorCode code) {
        assertEquals(code, assertThrows(TandemException.class, state::enter).code());
    }
}
