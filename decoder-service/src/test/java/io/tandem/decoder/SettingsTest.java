package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.calls.ServiceState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Settings that can't work are refused before anything is started, by name and number. */
class SettingsTest {

    @Test
    void settingsOutOfRangeAreNamed() {
        assertRefused("tandem.decoder.max-queue is 0", 0, 8, 32);
        assertRefused("tandem.decoder.max-batch is 0", 64, 0, 32);
        assertRefused("tandem.decoder.output-buffer is 0", 64, 8, 0);
        assertRefused("tandem.decoder.step-tokens is 16, less than tandem.decoder.max-batch, which is 17", 64, 17, 32);
    }

    private static void assertRefused(String message, int maxQueue, int maxBatch, int outputBuffer) {
        TestConfig config = new TestConfig(200, maxQueue, maxBatch, outputBuffer, Duration.ofSeconds(1));
        DecoderModel model =
                new DecoderModel(new FakeDecoderRunner(10, 10, 4, 4), null, List.of(), new ModelIdentity("model"));
        ServiceState state = new ServiceState("a.Service", new GrpcHealthStorage());
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> new Decoder(config, model, new FakeStateStore(), state, new SimpleMeterRegistry()));
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }
}
