package io.tandem.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import jakarta.inject.Inject;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A checkpoint that says nothing of how to prepare pictures, as text-only ones don't. */
@QuarkusTest
@TestProfile(TextOnlyModelTest.TextOnly.class)
@QuarkusTestResource(FreePort.class)
@Timeout(120)
class TextOnlyModelTest {

    /** The golden checkpoint of that kind. */
    public static final class TextOnly implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("tandem.engine.model", "${tandem.root}/engine/core/src/test/golden/text-sliding");
        }
    }

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Inject
    VisionBeans vision;

    @Test
    void itsServiceIsReadyAndRefusesPictures() {
        assertTrue(vision.state().isReady());
        try (VisionClient client = new VisionClient(port)) {
            byte[] file = {1, 2, 3};
            TandemException refusal =
                    client.send(VisionClient.header(file).build(), file).refusal();
            assertEquals(ErrorCode.UNSUPPORTED_PARAMETER, refusal.code());
            assertEquals("messages[0].content[1]", refusal.param().orElseThrow());
        }
    }
}
