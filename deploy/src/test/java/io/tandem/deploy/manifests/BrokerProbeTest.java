package io.tandem.deploy.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.messaging.EmbeddedBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The broker's probe, on a real one. */
@Timeout(60)
class BrokerProbeTest {

    @Test
    void brokerThatAnswersIsHealthy() throws Exception {
        try (EmbeddedBroker broker = new EmbeddedBroker()) {
            broker.start();
            assertEquals(0, probe(broker.address().port()));
        }
    }

    @Test
    void whateverElseListensIsNot() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertEquals(1, probe(silent.getLocalPort()));
        }
    }

    private static int probe(int port) throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Cluster.ROOT.resolve("deploy/container/broker-healthy").toString(), Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
