package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Chunks near, in front of entries that processes share: here memory that two stores see as if it were a server. */
class NearStateStoreTest extends StateStoreContract {
    private static final ContentKey KEY = States.key(1);

    private MeasuredEntries near;
    private MeasuredEntries far;

    @Override
    ChunkedStateStore openStore() {
        near = new MeasuredEntries("near", EmbeddedEntries.open(1 << 20));
        far = new MeasuredEntries("server", EmbeddedEntries.open(8 << 20));
        return store(new NearEntries(near, far));
    }

    @Override
    long held(ChunkedStateStore store) {
        return near.holdings().bytes() + far.holdings().bytes();
    }

    @Test
    void whatWasReadOrWrittenHereIsNotFetchedAgain() {
        float[] values = States.values(100, 64, 1);
        try (ChunkedStateStore store = openStore()) {
            States.write(store, KEY, values, 64);
            assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
            assertEquals(7, near.tierStatistics().hits());
            assertEquals(1, far.tierStatistics().hits(), "the manifest only");
        }
        try (ChunkedStateStore reading = openStore();
                ChunkedStateStore writing = store(far)) {
            States.write(writing, KEY, values, 64);
            for (int read = 0; read < 2; read++) {
                assertTrue(States.sameBits(values, States.read(reading, KEY).orElseThrow()));
            }
            TierStatistics shared = far.tierStatistics();
            assertEquals(9, shared.hits(), "the chunks once, the manifest twice");
            assertEquals(7, near.tierStatistics().misses());
            assertEquals(7, near.tierStatistics().hits());
            assertEquals(25_600, near.tierStatistics().bytesRead());
            assertEquals(25_600, near.tierStatistics().bytesWritten());
        }
    }

    @Test
    void aStateThatOthersLostIsNotPromisedHere() {
        try (ChunkedStateStore store = openStore()) {
            StateManifest manifest = States.write(store, KEY, States.values(100, 64, 1), 64);
            far.remove(StateCodec.chunkKey(KEY, manifest.generation(), 3)).await();
            assertTrue(store.find(KEY).isEmpty());
        }
        try (ChunkedStateStore store = openStore();
                ChunkedStateStore other = store(far)) {
            States.write(store, KEY, States.values(100, 64, 1), 64);
            other.remove(KEY);
            assertTrue(store.read(KEY).isEmpty());
        }
    }

    @Test
    void aStateLargerThanWhatIsNearIsReadAllTheSame() {
        float[] values = States.values(10_000, 64, 1);
        try (ChunkedStateStore store = openStore()) {
            States.write(store, KEY, values, 64);
            for (int read = 0; read < 2; read++) {
                assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
            }
            assertTrue(near.holdings().bytes() <= 1 << 20);
        }
    }

    @Test
    void aLocalStoreHasNothingNearer() {
        CacheConfig config = States.config(Map.of("tandem.cache.near-size", "64M"));
        String message = assertThrows(IllegalArgumentException.class, () -> StateStores.open(config))
                .getMessage();
        assertTrue(message.contains("tandem.cache.near-size"), message);
    }

    private static ChunkedStateStore store(Entries entries) {
        return new ChunkedStateStore(entries, new StoreLimits(8 << 20, 4 << 10));
    }
}
