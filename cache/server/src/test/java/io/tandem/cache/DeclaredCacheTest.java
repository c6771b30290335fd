package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.parsing.ParserRegistry;
import org.infinispan.eviction.EvictionStrategy;
import org.junit.jupiter.api.Test;

/** The file for servers of Infinispan's own is one that Infinispan reads, and says what services rely on. */
class DeclaredCacheTest {
    @Test
    void theDeclaredCacheIsTheOneThatServicesUse() throws IOException {
        Path file = Path.of(System.getProperty("tandem.root"), "cache/server/infinispan.xml");
        Configuration states = new ParserRegistry()
                .parseFile(file.toFile())
                .getNamedConfigurationBuilders()
                .get("tandem-states")
                .build();
        assertEquals(CacheMode.DIST_SYNC, states.clustering().cacheMode());
        assertEquals(2, states.clustering().hash().numOwners());
        assertEquals(
                MediaType.APPLICATION_OCTET_STREAM,
                states.encoding().valueDataType().mediaType());
        assertEquals(StorageType.OFF_HEAP, states.memory().storage());
        assertEquals(EvictionStrategy.REMOVE, states.memory().whenFull());
        assertTrue(states.memory().maxSizeBytes() >= 1L << 30);
    }
}
