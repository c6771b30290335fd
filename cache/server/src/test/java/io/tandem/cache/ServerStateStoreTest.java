package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.commons.marshall.IdentityMarshaller;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The store on a server of its own. Each test has a cache of its own, which the server does not know before. */
@Timeout(60)
class ServerStateStoreTest extends StateStoreContract {
    private static NodeProcess node;
    private static RemoteCacheManager observer;
    private static int caches;

    private String cache;

    @BeforeAll
    static void startNode() throws IOException {
        int clusterPort = NodeProcess.freePort();
        node = NodeProcess.launch(
                "--cluster-port", Integer.toString(clusterPort), "--initial-hosts", "127.0.0.1[" + clusterPort + "]");
        ConfigurationBuilder client = new ConfigurationBuilder().addServers(node.address());
        client.marshaller(new IdentityMarshaller());
        observer = new RemoteCacheManager(client.build());
    }

    @AfterAll
    static void stopNode() throws InterruptedException {
        observer.stop();
        assertEquals(143, node.terminate());
    }

    @Override
    ChunkedStateStore openStore() {
        cache = "states-" + caches++;
        return open(cache);
    }

    /** Entries in the server's cache. */
    @Override
    long held(ChunkedStateStore store) {
        // Whoever asks first has the cache made.
        store.entries().touch(States.key(999).toBytes()).await();
        return observer.getCache(cache).size();
    }

    @Test
    void whatOneClientWroteAnotherReads() {
        try (ChunkedStateStore writing = open("shared");
                ChunkedStateStore reading = open("shared")) {
            float[] values = States.values(300, 64, 1);
            assertTrue(reading.find(States.key(1)).isEmpty());
            States.write(writing, States.key(1), values, 64);
            assertTrue(reading.find(States.key(1)).isPresent());
            assertTrue(
                    States.sameBits(values, States.read(reading, States.key(1)).orElseThrow()));
            reading.remove(States.key(1));
            assertTrue(writing.find(States.key(1)).isEmpty());
        }
    }

    /** Two clients with two writers and two readers each: values are never mixed, and nothing stays behind. */
    @Test
    void clientsThatWriteAndReadOneKeyAgree() throws Exception {
        cache = "contended";
        try (ChunkedStateStore one = open(cache);
                ChunkedStateStore other = open(cache);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            float[] values = States.values(100, 64, 1);
            for (int round = 0; round < 20; round++) {
                ContentKey key = States.key(round);
                List<Callable<Boolean>> work = new ArrayList<>();
                for (ChunkedStateStore store : List.of(one, other, one, other)) {
                    work.add(() -> States.write(store, key, values, 64).rows() == 100);
                    work.add(() -> States.read(store, key)
                            .map(read -> States.sameBits(values, read))
                            .orElse(true));
                }
                for (Future<Boolean> done : threads.invokeAll(work)) {
                    assertTrue(done.get());
                }
                assertTrue(States.sameBits(values, States.read(one, key).orElseThrow()));
                other.remove(key);
                assertEquals(0, held(one), "no writer's chunks may stay");
            }
        }
    }

    /** Services that start together have the cache made together, and find it not ready yet. */
    @Test
    void clientsThatComeFirstTogetherAreServed() throws Exception {
        float[] values = States.values(10, 64, 1);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 20; round++) {
                try (ChunkedStateStore one = open("new-" + round);
                        ChunkedStateStore other = open("new-" + round)) {
                    List<Callable<StateManifest>> work = new ArrayList<>();
                    for (ChunkedStateStore store : List.of(one, other, one, other)) {
                        work.add(() -> States.write(store, States.key(1), values, 64));
                    }
                    for (Future<StateManifest> written : threads.invokeAll(work)) {
                        assertEquals(10, written.get().rows());
                    }
                }
            }
        }
    }

    /** A server that is full drops entries: right values or a loss, never anything else. */
    @Test
    void whatDidNotFitIsAMiss() {
        try (ChunkedStateStore store = open("small")) {
            int present = 0;
            for (int number = 0; number < 30; number++) {
                States.write(store, States.key(number), States.values(1000, 128, number), 128);
            }
            for (int number = 0; number < 30; number++) {
                if (store.find(States.key(number)).isPresent()) {
                    present++;
                    float[] read = States.read(store, States.key(number)).orElseThrow();
                    assertTrue(States.sameBits(States.values(1000, 128, number), read));
                }
            }
            assertTrue(present > 3 && present < 17, "of 30 states of 0.5 MB are in 8 MB: " + present);
        }
    }

    private static ChunkedStateStore open(String cache) {
        // A server that has just started takes longer for its first operations than for any other.
        return (ChunkedStateStore)
                StateStores.open(node.client(Map.of("tandem.cache.name", cache, "tandem.cache.timeout", "PT20S")));
    }
}
