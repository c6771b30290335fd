package io.tandem.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limits that the API promises where nobody has set any, all of them on. */
class DefaultsTest {

    private final SmallRyeConfig settings = new SmallRyeConfigBuilder()
            .withConverter(MemorySize.class, 300, new MemorySizeConverter())
            .withConverter(Duration.class, 300, new DurationConverter())
            .addDefaultInterceptors()
            .withDefaultValues(Map.of(
                    "tandem.gateway.vision", "a:1",
                    "tandem.gateway.encoder", "a:1",
                    "tandem.gateway.decoders", "a:1",
                    "user.home", "/home/me"))
            .withMapping(GatewayConfig.class)
            .build();
    private final GatewayConfig config = settings.getConfigMapping(GatewayConfig.class);

    @Test
    void bodiesAndPicturesAreBounded() {
        assertEquals(20 << 20, config.body().maxSize().asLongValue());
        assertEquals(10 << 20, config.images().maxSize().asLongValue());
        assertEquals(16, config.images().maxCount());
        assertFalse(config.images().allowRemote());
    }

    @Test
    void requestsAreBounded() {
        assertEquals(8, config.counts().maxChoices());
        assertEquals(256, config.admission().queue());
        assertTrue(config.keys().limits().requestsPerMinute() > 0);
        assertTrue(config.keys().limits().tokensPerMinute() > 0);
        assertTrue(config.keys().limits().concurrentRequests() > 0);
    }

    @Test
    void streamsAreKeptAliveAndBounded() {
        assertEquals(Duration.ofSeconds(10), config.stream().keepAlive());
        assertTrue(config.stream().buffer().asLongValue() > 0);
        assertTrue(config.stream().stallTimeout().isPositive());
    }
}
