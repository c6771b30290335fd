package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings as applications read them. */
class CacheConfigTest {
    @Test
    void settingsHaveDefaults() {
        CacheConfig config = States.config(Map.of());
        assertEquals(1L << 30, config.maxSize().bytes());
        assertEquals(512L << 10, config.chunkSize().bytes());
    }

    @Test
    void settingsAreReadByTheirNames() {
        CacheConfig config = States.config(Map.of("tandem.cache.max-size", "4G", "tandem.cache.chunk-size", "256K"));
        assertEquals(4L << 30, config.maxSize().bytes());
        assertEquals(256L << 10, config.chunkSize().bytes());
    }

    @Test
    void aServerIsNamedInFull() {
        ServerSettings settings = ServerSettings.of(States.config(Map.of(
                "tandem.cache.mode", "server",
                "tandem.cache.servers", "one:11222, two:11223",
                "tandem.cache.in-flight", "2M",
                "tandem.cache.timeout", "PT0.25S")));
        assertEquals("one:11222,two:11223", settings.names());
        assertEquals(4, settings.readAhead());
        assertEquals(Duration.ofMillis(250), settings.timeout());
        assertEquals(Duration.ofSeconds(1), settings.retryAfter());
        assertEquals("tandem-states", settings.cacheName());
    }

    @ParameterizedTest
    @CsvSource({
        "tandem.cache.servers, here",
        "tandem.cache.servers, here:port",
        "tandem.cache.servers, here:70000",
        "tandem.cache.username, nobody",
        "tandem.cache.timeout, PT0S",
        "tandem.cache.retry-after, PT-1S"
    })
    void whatCanNotBeAServerIsRefusedByItsName(String setting, String value) {
        Map<String, String> settings = new HashMap<>(Map.of("tandem.cache.servers", "one:11222"));
        settings.put(setting, value);
        CacheConfig config = States.config(settings);
        String message = assertThrows(IllegalArgumentException.class, () -> ServerSettings.of(config))
                .getMessage();
        assertTrue(message.contains(setting), message);
    }

    @Test
    void aServerMustBeNamed() {
        CacheConfig config = States.config(Map.of("tandem.cache.mode", "server"));
        String message = assertThrows(IllegalArgumentException.class, () -> StateStores.open(config))
                .getMessage();
        assertTrue(message.contains("tandem.cache.servers"), message);
    }

    @Test
    void aClusterIsFoundByItsHostsOrByOneName() {
        ClusterSettings hosts = ClusterSettings.of(States.config(Map.of(
                "tandem.cache.mode", "cluster",
                "tandem.cache.cluster.initial-hosts", "one:7800, two:7801",
                "tandem.cache.cluster.owners", "3")));
        assertEquals(3, hosts.owners());
        assertEquals(7800, hosts.address().port());
        assertEquals(
                List.of(
                        InetSocketAddress.createUnresolved("one", 7800),
                        InetSocketAddress.createUnresolved("two", 7801)),
                hosts.address().initialHosts());
        ClusterSettings name = ClusterSettings.of(States.config(Map.of(
                "tandem.cache.mode", "cluster",
                "tandem.cache.cluster.dns", "cache.tandem.svc")));
        assertEquals(Optional.of("cache.tandem.svc"), name.address().dns());
        assertEquals(8, name.readAhead());
    }

    @ParameterizedTest
    @CsvSource({
        "tandem.cache.cluster.initial-hosts, here",
        "tandem.cache.cluster.dns, a-name-too",
        "tandem.cache.cluster.port, 65500",
        "tandem.cache.cluster.owners, 0"
    })
    void whatCanNotBeAClusterIsRefusedByItsName(String setting, String value) {
        Map<String, String> settings = new HashMap<>(Map.of("tandem.cache.cluster.initial-hosts", "one:7800"));
        settings.put(setting, value);
        CacheConfig config = States.config(settings);
        String message = assertThrows(IllegalArgumentException.class, () -> ClusterSettings.of(config))
                .getMessage();
        assertTrue(message.contains(setting), message);
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
}
