package io.tandem.cache.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a node is told on its command line. */
class NodeSettingsTest {
    @Test
    void aNodeIsAloneOnTheLoopbackUnlessToldOtherwise() {
        NodeSettings settings = read();
        assertEquals("127.0.0.1", settings.host);
        assertEquals(11222, settings.port);
        assertEquals("1GB", settings.maxSize);
        assertEquals("tandem-states", settings.cacheName);
        assertFalse(settings.isClustered());
    }

    @Test
    void aNodeOfAClusterKnowsWhereToAsk() {
        NodeSettings settings =
                read("--cluster-port", "7800", "--initial-hosts", "127.0.0.1[7800], 127.0.0.1[7801]", "--owners", "3");
        assertTrue(settings.isClustered());
        assertEquals(3, settings.owners);
        assertEquals(
                List.of(
                        InetSocketAddress.createUnresolved("127.0.0.1", 7800),
                        InetSocketAddress.createUnresolved("127.0.0.1", 7801)),
                NodeSettings.addresses(settings.initialHosts));
    }

    @ParameterizedTest
    @CsvSource({
        "--port, 0",
        "--port, 70000",
        "--cluster-port, -1",
        "--cluster-port, 7800",
        "--initial-hosts, 127.0.0.1[7800]",
        "--owners, 0",
        "--max-size, much"
    })
    void whatCanNotBeIsRefusedByItsName(String option, String value) {
        String message = assertThrows(CommandLine.ParameterException.class, () -> read(option, value))
                .getMessage();
        assertTrue(message.contains(option), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1", "127.0.0.1:7800", "127.0.0.1[x]", "[7800]x[1]"})
    void whatIsNoHostIsRefused(String hosts) {
        assertThrows(IllegalArgumentException.class, () -> NodeSettings.addresses(hosts));
    }

    private static NodeSettings read(String... arguments) {
        NodeSettings settings = new NodeSettings();
        new CommandLine(settings).parseArgs(arguments);
        settings.check();
        return settings;
    }
}
