package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jgroups.JChannel;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UDP;
import org.jgroups.protocols.dns.DNS_PING;
import org.jgroups.stack.ProtocolStack;
import org.junit.jupiter.api.Test;

/** How members of a cluster look for each other; nothing is sent. */
class ClusterChannelTest {
    @Test
    void membersAreAskedForByAddress() {
        List<InetSocketAddress> hosts = List.of(InetSocketAddress.createUnresolved("127.0.0.1", 7801));
        try (JChannel channel = ClusterChannel.open(new ClusterAddress("127.0.0.1", 7800, hosts, Optional.empty()))) {
            ProtocolStack stack = channel.getProtocolStack();
            TCPPING ping = stack.findProtocol(TCPPING.class);
            assertEquals(
                    List.of("127.0.0.1:7801"),
                    ping.getInitialHosts().stream().map(Object::toString).toList());
            assertEquals(7800, stack.getTransport().getBindPort());
            assertNull(stack.findProtocol(UDP.class), "clouds carry no multicast");
        }
    }

    @Test
    void membersAreAskedForByOneName() {
        ClusterAddress address =
                new ClusterAddress("127.0.0.1", 7800, List.of(), Optional.of("cache.tandem.svc.cluster.local"));
        try (JChannel channel = ClusterChannel.open(address)) {
            DNS_PING ping = channel.getProtocolStack().findProtocol(DNS_PING.class);
            assertEquals("cache.tandem.svc.cluster.local", ping.getDNSQuery());
            assertNotNull(ping.dnsResolver());
            assertNull(channel.getProtocolStack().findProtocol(TCPPING.class));
        }
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        ClusterAddress address = new ClusterAddress("256.0.0.1", 7800, List.of(), Optional.empty());
        String message = assertThrows(IllegalArgumentException.class, () -> ClusterChannel.open(address))
                .getMessage();
        assertTrue(message.contains("256.0.0.1"), message);
    }
}
