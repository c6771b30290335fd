package io.tandem.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker in a process of its own, which is killed and goes on from its journal. */
@Timeout(60)
class BrokerJournalTest {

    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private Process broker;

    @AfterEach
    void end() throws InterruptedException {
        broker.destroyForcibly().waitFor();
        CountDownLatch closed = new CountDownLatch(1);
        vertx.close().onComplete(done -> closed.countDown());
        closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void whatWasSentOutlivesABrokerThatIsKilled() throws Exception {
        int port = freePort();
        start(port);
        try (Courier courier = courier(port)) {
            courier.send("work", "kept", Map.of("line", "7"));
            courier.send("work", "of use for a while", Map.of(), Duration.ofMinutes(5));
            BlockingQueue<Letter> letters = receive(courier, "work");
            next(letters).fail();
            assertEquals(1, next(letters).failures(), "which the journal has now");
        }
        broker.destroyForcibly().waitFor();
        start(port);
        try (Courier courier = courier(port)) {
            BlockingQueue<Letter> letters = receive(courier, "work");
            Letter again = next(letters);
            assertEquals("kept", again.text());
            assertEquals("7", again.properties().get("line"));
            assertTrue(again.failures() >= 1, "failures: " + again.failures());
            again.accept();
            assertNull(letters.poll(300, TimeUnit.MILLISECONDS), "nothing else was to be kept");
        }
    }

    @Test
    void aBrokerThatCanNotListenSaysSoAndEnds() throws Exception {
        int port = freePort();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            launch(taken.getLocalPort());
            String output = new String(broker.getInputStream().readAllBytes());
            assertEquals(1, broker.waitFor());
            assertTrue(output.contains("The broker does not start on port " + port), output);
        }
    }

    private void start(int port) throws IOException {
        launch(port);
        String listens = "The broker listens on amqp://127.0.0.1:" + port;
        StringBuilder said = new StringBuilder();
        BufferedReader lines = broker.inputReader();
        for (String line = lines.readLine(); !listens.equals(line); line = lines.readLine()) {
            assertNotNull(line, said::toString);
            said.append(line).append('\n');
        }
        assertFalse(said.toString().contains("ERROR"), said::toString);
    }

    private void launch(int port) throws IOException {
        broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BrokerMain.class.getName(),
                        "127.0.0.1",
                        Integer.toString(port),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
    }

    private Courier courier(int port) {
        BrokerAddress address = new BrokerAddress("127.0.0.1", port, false, Optional.empty(), Optional.empty());
        return new Courier(vertx, () -> address, Duration.ofMillis(100));
    }

    private static BlockingQueue<Letter> receive(Courier courier, String queue) {
        BlockingQueue<Letter> letters = new LinkedBlockingQueue<>();
        courier.receive(queue, 1, letters::add);
        return letters;
    }

    private static Letter next(BlockingQueue<Letter> letters) throws InterruptedException {
        Letter letter = letters.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(letter, "nothing came");
        return letter;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
