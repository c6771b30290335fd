package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.calls.ServiceState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the standard gRPC health service says of the decoder, from the start of the process to its end. */
@Timeout(20)
class HealthTest {

    private static final StartupEvent STARTUP = new StartupEvent();

    private final GrpcHealthStorage health = new GrpcHealthStorage();
    private final DecoderBeans beans = new DecoderBeans(TestConfig.ROOMY, new SimpleMeterRegistry(), health);
    private final FakeDecoderRunner runner = new FakeDecoderRunner(50, 64, 24, 4);

    @Test
    void theDecoderServesFromTheEndOfItsWarmUpToTheBeginningOfItsDrain() throws Exception {
        CountDownLatch warmingUp = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        runner.beforeStep((sequences, counts) -> {
            warmingUp.countDown();
            await(goOn);
        });
        // What Quarkus does before it tells anybody of the start.
        health.setStatus(DecoderServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
        beans.announce(STARTUP);
        assertEquals(ServingStatus.NOT_SERVING, status());
        Decoder decoder = beans.decoder(
                new DecoderModel(runner, null, List.of(), new ModelIdentity("model")), new FakeStateStore());
        beans.start(STARTUP, decoder);
        await(warmingUp);
        assertEquals(ServingStatus.NOT_SERVING, status());
        assertEquals(ServiceState.Phase.STARTING, beans.state().phase());
        goOn.countDown();
        while (status() != ServingStatus.SERVING) {
            Thread.onSpinWait();
        }
        assertTrue(beans.state().isReady());
        beans.stop(new ShutdownEvent());
        assertEquals(ServingStatus.NOT_SERVING, status());
        assertEquals(0, runner.openMemories());
    }

    @Test
    void aModelThatCantBeRunIsToldOfAndNeverServed() throws Exception {
        runner.beforeStep((sequences, counts) -> {
            throw new IllegalStateException("planted by the test");
        });
        beans.announce(STARTUP);
        Decoder decoder = beans.decoder(
                new DecoderModel(runner, null, List.of(), new ModelIdentity("model")), new FakeStateStore());
        CompletableFuture<Throwable> broken = new CompletableFuture<>();
        decoder.start(broken::complete);
        assertEquals("planted by the test", broken.get(10, TimeUnit.SECONDS).getMessage());
        assertEquals(ServingStatus.NOT_SERVING, status());
        assertEquals(ServiceState.Phase.STARTING, beans.state().phase());
        beans.stop(new ShutdownEvent());
        assertEquals(0, runner.openMemories());
    }

    private ServingStatus status() {
        return health.statusForService(DecoderServiceGrpc.SERVICE_NAME).getStatus();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
