package io.tandem.decoder;

import io.tandem.cache.CacheStatistics;
import io.tandem.cache.ContentKey;
import io.tandem.cache.StateLostException;
import io.tandem.cache.StateManifest;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** States in a map, read in chunks of two rows; can lose the chunks of a state while it is being read. Thread-safe. */
public final class FakeStateStore implements StateStore {

    private static final int ROWS_PER_CHUNK = 2;

    private final Map<ContentKey, float[]> states = new ConcurrentHashMap<>();
    private final Map<ContentKey, Integer> lostChunks = new ConcurrentHashMap<>();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile Runnable beforeChunk = () -> {};

    /** A key made of one number. */
    public static ContentKey key(int number) {
        byte[] digest = new byte[ContentKey.LENGTH];
        digest[0] = (byte) number;
        digest[1] = (byte) (number >> 8);
        return ContentKey.of(digest);
    }

    /** [tokens, hiddenSize], all values the same. */
    public static float[] state(int tokens, float value) {
        float[] state = new float[tokens * FakeModel.HIDDEN_SIZE];
        Arrays.fill(state, value);
        return state;
    }

    /** Puts a state of one value in, and returns the hash of the memory that it becomes. */
    public long put(ContentKey key, int tokens, float value) {
        float[] state = state(tokens, value);
        states.put(key, state);
        long hash = FakeModel.emptyMemory();
        for (float element : state) {
            hash = FakeModel.append(hash, element);
        }
        return hash;
    }

    /** Lets a chunk be gone when it is read. */
    public void lose(ContentKey key, int chunk) {
        lostChunks.put(key, chunk);
    }

    /** Runs before each chunk is handed out. */
    public void beforeChunk(Runnable hook) {
        beforeChunk = hook;
    }

    /** Readers that were opened. */
    public int reads() {
        return reads.get();
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        return Optional.ofNullable(states.get(key)).map(FakeStateStore::manifest);
    }

    @Override
    public Optional<StateReader> read(ContentKey key) {
        float[] state = states.get(key);
        reads.incrementAndGet();
        return state == null ? Optional.empty() : Optional.of(new Reader(key, state));
    }

    @Override
    public StateWriter write(ContentKey key, int rows, int columns) {
        throw new UnsupportedOperationException("decoders only read");
    }

    @Override
    public void remove(ContentKey key) {
        states.remove(key);
    }

    @Override
    public CacheStatistics statistics() {
        return new CacheStatistics(states.size(), 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}

    private static StateManifest manifest(float[] state) {
        int rows = state.length / FakeModel.HIDDEN_SIZE;
        return new StateManifest(
                rows, FakeModel.HIDDEN_SIZE, ROWS_PER_CHUNK, 1, new int[Math.ceilDiv(rows, ROWS_PER_CHUNK)]);
    }

    private final class Reader implements StateReader {

        private final ContentKey key;
        private final float[] state;
        private int row;

        private Reader(ContentKey key, float[] state) {
            this.key = key;
            this.state = state;
        }

        @Override
        public StateManifest manifest() {
            return FakeStateStore.manifest(state);
        }

        @Override
        public int next(float[] into) {
            if (remainingRows() == 0) {
                return -1;
            }
            beforeChunk.run();
            if (lostChunks.getOrDefault(key, -1) == row / ROWS_PER_CHUNK) {
                throw new StateLostException(key, "evicted by the test");
            }
            int rows = Math.min(ROWS_PER_CHUNK, remainingRows());
            System.arraycopy(state, row * FakeModel.HIDDEN_SIZE, into, 0, rows * FakeModel.HIDDEN_SIZE);
            row += rows;
            return rows;
        }

        @Override
        public int remainingRows() {
            return state.length / FakeModel.HIDDEN_SIZE - row;
        }
    }
}
