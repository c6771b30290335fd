package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings as applications read them. */
class CacheConfigTest {
    @Test
    void settingsHaveDefaults() {
        CacheConfig config = config(Map.of());
        assertEquals(1L << 30, config.maxSize().bytes());
        assertEquals(512L << 10, config.chunkSize().bytes());
    }

    @Test
    void settingsAreReadByTheirNames() {
        CacheConfig config = config(Map.of("tandem.cache.max-size", "4G", "tandem.cache.chunk-size", "256K"));
        assertEquals(4L << 30, config.maxSize().bytes());
        assertEquals(256L << 10, config.chunkSize().bytes());
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1048576,1048576", "512K,524288", "64 MB,67108864", "3gib,3221225472", "2T,2199023255552"})
    void sizesAreReadInPowersOf1024(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse(text).bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5G", "G", "12X", "999999999999999999T"})
    void whatIsNoSizeIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    }

    private static CacheConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withMapping(CacheConfig.class)
                .build()
                .getConfigMapping(CacheConfig.class);
    }
}
