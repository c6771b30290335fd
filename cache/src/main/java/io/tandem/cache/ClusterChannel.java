package io.tandem.cache;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.dns.DNS_PING;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.DiagnosticsHandler;
import org.jgroups.stack.Protocol;

/** How processes of a cluster find and hear each other: JGroups over TCP, without multicast, which clouds don't carry. */
public final class ClusterChannel {
    private ClusterChannel() {}

    /**
     * Builds a channel; Infinispan connects it.
     *
     * @throws IllegalArgumentException if a host is unknown
     */
    public static JChannel open(ClusterAddress address) {
        try {
            TCP tcp = new TCP();
            tcp.setBindAddress(InetAddress.getByName(address.bindAddress()))
                    .setBindPort(address.port())
                    .setPortRange(0);
            tcp.setDiagnosticsHandler(
                    new DiagnosticsHandler(tcp.getLog(), tcp.getSocketFactory(), tcp.getThreadFactory())
                            .setEnabled(false));
            List<Protocol> stack = List.of(
                    tcp,
                    discovery(address),
                    new MERGE3().setMinInterval(2_000).setMaxInterval(10_000),
                    // Closed connections are noticed at once; a machine that says nothing any more after 15 s.
                    new FD_SOCK2().setPortRange(0),
                    new FD_ALL3().setTimeout(15_000).setInterval(4_000),
                    new VERIFY_SUSPECT2().setTimeout(1_000),
                    new NAKACK2().useMcastXmit(false),
                    new UNICAST3(),
                    new STABLE().setDesiredAverageGossip(5_000),
                    new GMS().setJoinTimeout(1_000).printLocalAddress(false),
                    new UFC().setMaxCredits(4_000_000),
                    new MFC().setMaxCredits(4_000_000),
                    new FRAG2().setFragSize(60_000));
            return new JChannel(stack);
        } catch (UnknownHostException unknown) {
            throw new IllegalArgumentException("the host '" + unknown.getMessage() + "' is unknown", unknown);
        } catch (Exception failure) {
            throw new IllegalStateException("the cluster's channel could not be made", failure);
        }
    }

    private static Protocol discovery(ClusterAddress address) throws UnknownHostException {
        if (address.dns().isPresent()) {
            return new DNS_PING().setDNSQuery(address.dns().get());
        }
        List<InetSocketAddress> hosts = new ArrayList<>();
        for (InetSocketAddress host : address.initialHosts()) {
            hosts.add(new InetSocketAddress(InetAddress.getByName(host.getHostString()), host.getPort()));
        }
        TCPPING ping = new TCPPING().setInitialHosts(hosts);
        ping.setPortRange(0);
        return ping;
    }
}
