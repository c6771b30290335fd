package io.tandem.gateway.fake;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** Points the gateway at two free ports, where {@link FakeCluster} listens then. */
public final class FreePorts implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String main = "127.0.0.1:" + first.getLocalPort();
            String other = "127.0.0.1:" + second.getLocalPort();
            return Map.of(
                    "tandem.gateway.vision", main,
                    "tandem.gateway.encoder", main,
                    "tandem.gateway.decoders", main + "," + other);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void stop() {
        // Ports need no cleaning up.
    }
}
