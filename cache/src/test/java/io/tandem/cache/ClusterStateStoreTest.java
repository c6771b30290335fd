package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The store in the memory of several processes. One member is this process; tests empty it, and it stays. */
@Timeout(120)
class ClusterStateStoreTest extends StateStoreContract {
    private static List<Integer> ports;
    private static CacheConfig config;
    private static ClusterEntries entries;

    @BeforeAll
    static void join() throws IOException {
        ports = List.of(freePort(), freePort());
        config = ClusterMember.config(ports.getFirst(), ports);
        entries = ClusterEntries.open(ClusterSettings.of(config));
    }

    @AfterAll
    static void leave() {
        entries.close();
    }

    @Override
    ChunkedStateStore openStore() {
        return new ChunkedStateStore(entries, StoreLimits.of(config));
    }

    @Override
    long held(ChunkedStateStore store) {
        return entries.holdings().bytes();
    }

    /** Empties the member in place of closing it. */
    @Override
    @AfterEach
    void close() {
        entries.clear();
    }

    @Test
    void membersHearEachOtherWhereSettingsSay() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ports.getFirst())) {
            assertTrue(socket.isConnected());
        }
    }

    @Test
    void withTwoOwnersNothingIsLostWithAProcess() throws Exception {
        ChunkedStateStore store = openStore();
        try (ClusterMember other = ClusterMember.launch(ports.getLast(), ports, 0, 20)) {
            assertEquals(2, entries.members());
            for (int number = 20; number < 40; number++) {
                States.write(store, States.key(number), ClusterMember.values(number), 64);
            }
            requireAll(store, 40);
            other.kill();
            await(() -> entries.members() == 1);
            requireAll(store, 40);
            assertEquals(0, store.statistics().lost());
            States.write(store, States.key(40), ClusterMember.values(40), 64);
            requireAll(store, 41);
        }
    }

    @Test
    void processesJoinAndLeaveWhileStatesAreRead() throws Exception {
        ChunkedStateStore store = openStore();
        for (int number = 0; number < 20; number++) {
            States.write(store, States.key(number), ClusterMember.values(number), 64);
        }
        try (ClusterMember other = ClusterMember.launch(ports.getLast(), ports, 20, 30)) {
            requireAll(store, 30);
            assertEquals(0, other.leave());
            await(() -> entries.members() == 1);
            requireAll(store, 30);
            assertEquals(0, store.statistics().lost());
        }
    }

    /** All states are there at once: nobody has to wait for copies that are being made. */
    private static void requireAll(StateStore store, int count) {
        for (int number = 0; number < count; number++) {
            ContentKey key = States.key(number);
            assertTrue(store.find(key).isPresent(), "state " + number);
            Optional<float[]> read = States.read(store, key);
            assertTrue(States.sameBits(ClusterMember.values(number), read.orElseThrow()), "state " + number);
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within 40 s");
            Thread.onSpinWait();
        }
    }

    /** One whose twin, 100 above, is likely free too. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
