package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that die, hang and come back. */
@Timeout(60)
class ServerLossTest {
    private static final ContentKey KEY = States.key(1);
    private static final float[] VALUES = States.values(500, 64, 1);

    @Test
    void withoutItsOnlyServerAStoreFailsAtOnceAndRecoversByItself() throws Exception {
        try (NodeProcess node = NodeProcess.launch();
                StateStore store = StateStores.open(node.client(Map.of()))) {
            States.write(store, KEY, VALUES, 64);
            StateReader reader = store.read(KEY).orElseThrow();
            StateWriter writer = store.write(States.key(2), 500, 64);
            writer.append(VALUES, 0, 250);
            float[] rows = new float[16 * 64];
            reader.next(rows);

            node.kill();
            assertThrows(StoreUnavailableException.class, () -> reader.forEachChunk((data, first, count) -> {}));
            assertThrows(StoreUnavailableException.class, () -> {
                writer.append(VALUES, 250 * 64, 250);
                writer.commit();
            });
            long start = System.nanoTime();
            writer.close();
            for (int call = 0; call < 1000; call++) {
                assertTrue(store.find(KEY).isEmpty());
                assertThrows(StoreUnavailableException.class, () -> store.read(KEY));
                assertThrows(StoreUnavailableException.class, () -> store.write(KEY, 1, 1));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.toMillis() < 2000, "3,000 calls without a server took " + took);
            assertEquals(0, store.statistics().lost(), "what can't be reached is not lost");

            node.start();
            await(() -> store.find(KEY).isEmpty() && isWritten(store, KEY));
            assertTrue(States.sameBits(VALUES, States.read(store, KEY).orElseThrow()));
        }
    }

    @Test
    void aStoreOpensBeforeItsServer() throws Exception {
        NodeProcess node = NodeProcess.launch();
        node.kill();
        try (node;
                StateStore store = StateStores.open(node.client(Map.of()))) {
            assertTrue(store.find(KEY).isEmpty());
            assertThrows(StoreUnavailableException.class, () -> store.read(KEY));
            node.start();
            await(() -> isWritten(store, KEY));
        }
    }

    @Test
    void aServerThatHangsIsWaitedForOnceOnly() throws Exception {
        try (NodeProcess node = NodeProcess.launch();
                StateStore store = StateStores.open(
                        node.client(Map.of("tandem.cache.timeout", "PT0.5S", "tandem.cache.retry-after", "PT1H")))) {
            States.write(store, KEY, VALUES, 64);
            node.signal("STOP");
            long start = System.nanoTime();
            StoreUnavailableException late = assertThrows(StoreUnavailableException.class, () -> store.read(KEY));
            assertTrue(late.getMessage().contains(node.address()), late.getMessage());
            for (int call = 0; call < 100; call++) {
                assertTrue(store.find(KEY).isEmpty());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.toMillis() >= 400 && took.toMillis() < 2000, "a time-out of 500 ms took " + took);
        }
    }

    @Test
    void withTwoOwnersNothingIsLostWithAServer() throws Exception {
        int onePort = NodeProcess.freePort();
        int otherPort = NodeProcess.freePort();
        String hosts = "127.0.0.1[" + onePort + "],127.0.0.1[" + otherPort + "]";
        try (NodeProcess one = node(onePort, hosts);
                NodeProcess other = node(otherPort, hosts);
                StateStore store = StateStores.open(NodeProcess.client(List.of(one, other), Map.of()))) {
            for (int number = 0; number < 20; number++) {
                States.write(store, States.key(number), States.values(200, 64, number), 64);
            }
            one.kill();
            for (int number = 0; number < 20; number++) {
                ContentKey key = States.key(number);
                float[] expected = States.values(200, 64, number);
                await(() -> store.find(key).isPresent());
                assertTrue(States.sameBits(expected, States.read(store, key).orElseThrow()), "state " + number);
            }
            States.write(store, States.key(20), VALUES, 64);
            assertTrue(
                    States.sameBits(VALUES, States.read(store, States.key(20)).orElseThrow()));
        }
    }

    private static NodeProcess node(int clusterPort, String hosts) throws Exception {
        return NodeProcess.launch(
                "--cluster-port", Integer.toString(clusterPort), "--initial-hosts", hosts, "--owners", "2");
    }

    private static boolean isWritten(StateStore store, ContentKey key) {
        try {
            States.write(store, key, VALUES, 64);
            Optional<float[]> read = States.read(store, key);
            return read.isPresent() && States.sameBits(VALUES, read.get());
        } catch (StoreUnavailableException notYet) {
            return false;
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within 20 s");
            Thread.onSpinWait();
        }
    }
}
