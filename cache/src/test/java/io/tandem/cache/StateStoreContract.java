package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** States written, read, lost and damaged: what every store of chunks promises, wherever its entries are. */
abstract class StateStoreContract {
    private static final ContentKey KEY = States.key(1);

    private ChunkedStateStore store;

    @BeforeEach
    void open() {
        store = openStore();
    }

    /** Opens an empty store of 8 MB with chunks of 4 KB. */
    abstract ChunkedStateStore openStore();

    /** A measure of all that is kept for the store now: grows with every entry, and falls back when it goes. */
    abstract long held(ChunkedStateStore store);

    @AfterEach
    void close() {
        store.close();
    }

    /** With chunks of 4 KB: one row, one row over several chunks' size, whole chunks, and a remainder. */
    @ParameterizedTest
    @CsvSource({"1,1", "1,640", "1,3000", "1023,1", "1024,1", "1025,1", "7,129", "257,63", "300,640"})
    void whatIsWrittenIsRead(int rows, int columns) {
        float[] values = States.values(rows, columns, rows);
        StateManifest written = States.write(store, KEY, values, columns);
        assertEquals(Optional.of(written), store.find(KEY));
        assertEquals(rows, written.rows());
        assertEquals(columns, written.columns());
        assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
    }

    @Test
    void rowsMayArriveAndBeReadInAnyPortions() {
        float[] values = States.values(301, 7, 3);
        try (StateWriter writer = store.write(KEY, 301, 7)) {
            int row = 0;
            for (int rows = 1; row < 301; row += rows) {
                rows = Math.min(row + 1, 301 - row);
                writer.append(values, row * 7, rows);
            }
            writer.commit();
        }
        StateReader reader = store.read(KEY).orElseThrow();
        float[] read = new float[values.length];
        float[] portion = new float[5 * 7 + 6];
        int row = 0;
        for (int rows = reader.next(portion); rows >= 0; rows = reader.next(portion)) {
            assertTrue(rows >= 1 && rows <= 5, "rows: " + rows);
            System.arraycopy(portion, 0, read, row * 7, rows * 7);
            row += rows;
            assertEquals(301 - row, reader.remainingRows());
        }
        assertArrayEquals(values, read);
        assertThrows(IllegalArgumentException.class, () -> reader.next(new float[6]));
    }

    @Test
    void aStateIsUnseenBeforeItsCommit() {
        float[] values = States.values(100, 64, 1);
        try (StateWriter writer = store.write(KEY, 100, 64)) {
            writer.append(values, 0, 100);
            assertTrue(store.find(KEY).isEmpty());
            assertTrue(store.read(KEY).isEmpty());
            writer.commit();
            assertTrue(store.find(KEY).isPresent());
            assertThrows(IllegalStateException.class, () -> writer.append(values, 0, 1));
            assertThrows(IllegalStateException.class, writer::commit);
        }
        assertTrue(store.find(KEY).isPresent(), "closing a committed writer must keep the state");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 50, 100})
    void anAbandonedWriterLeavesNothing(int rows) {
        long before = held(store);
        StateWriter writer = store.write(KEY, 100, 64);
        writer.append(States.values(100, 64, 1), 0, rows);
        writer.close();
        writer.close();
        assertEquals(before, held(store));
        assertTrue(store.find(KEY).isEmpty());
        assertThrows(IllegalStateException.class, () -> writer.append(new float[64], 0, 1));
    }

    @Test
    void aWriterRefusesWrongRows() {
        float[] values = new float[640];
        try (StateWriter writer = store.write(KEY, 10, 64)) {
            assertThrows(IllegalArgumentException.class, () -> writer.append(values, 1, 10));
            assertThrows(IllegalArgumentException.class, () -> writer.append(values, -1, 1));
            assertThrows(IllegalArgumentException.class, () -> writer.append(values, 0, -1));
            writer.append(values, 0, 9);
            assertThrows(IllegalArgumentException.class, () -> writer.append(values, 0, 2));
            assertThrows(IllegalStateException.class, writer::commit);
            writer.append(values, 576, 1);
            writer.commit();
        }
        assertThrows(IllegalArgumentException.class, () -> store.write(KEY, 0, 64));
        assertThrows(IllegalArgumentException.class, () -> store.write(KEY, 10, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6})
    void aStateThatLostAChunkIsAMissAndForgotten(int chunk) {
        long before = held(store);
        StateManifest manifest = States.write(store, KEY, States.values(100, 64, 1), 64);
        assertEquals(7, manifest.chunkCount());
        store.entries()
                .remove(StateCodec.chunkKey(KEY, manifest.generation(), chunk))
                .await();
        assertTrue(store.find(KEY).isEmpty());
        assertEquals(before, held(store), "the other chunks must go too");
        CacheStatistics statistics = store.statistics();
        assertEquals(1, statistics.lost());
        assertEquals(1, statistics.misses());
        assertEquals(0, statistics.hits());
    }

    @Test
    void aReaderLearnsThatAChunkWasEvicted() {
        StateManifest manifest = States.write(store, KEY, States.values(100, 64, 1), 64);
        StateReader reader = store.read(KEY).orElseThrow();
        float[] data = new float[16 * 64];
        assertEquals(16, reader.next(data));
        store.entries()
                .remove(StateCodec.chunkKey(KEY, manifest.generation(), 6))
                .await();
        StateLostException lost =
                assertThrows(StateLostException.class, () -> reader.forEachChunk((rows, first, count) -> {}));
        assertEquals(KEY, lost.key());
        assertTrue(lost.getMessage().contains("chunk 6 of 7"), lost.getMessage());
        assertTrue(store.read(KEY).isEmpty());
        assertEquals(1, store.statistics().lost());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2000, 4095})
    void aDamagedChunkIsLost(int position) {
        StateManifest manifest = States.write(store, KEY, States.values(100, 64, 1), 64);
        byte[] chunkKey = StateCodec.chunkKey(KEY, manifest.generation(), 2);
        byte[] damaged = store.entries().get(chunkKey).await();
        damaged[position] ^= 1;
        store.entries().put(chunkKey, damaged).await();
        StateLostException lost = assertThrows(StateLostException.class, () -> States.read(store, KEY));
        assertTrue(lost.getMessage().contains("chunk 2 of 7"), lost.getMessage());
        assertTrue(store.find(KEY).isEmpty());
    }

    @Test
    void aShortenedChunkIsLost() {
        StateManifest manifest = States.write(store, KEY, States.values(100, 64, 1), 64);
        store.entries()
                .put(StateCodec.chunkKey(KEY, manifest.generation(), 0), new byte[4092])
                .await();
        assertThrows(StateLostException.class, () -> States.read(store, KEY));
    }

    @Test
    void aDamagedManifestIsAMissAndCanBeWrittenAgain() {
        float[] values = States.values(100, 64, 1);
        States.write(store, KEY, values, 64);
        byte[] manifestKey = StateCodec.manifestKey(KEY);
        byte[] damaged = store.entries().get(manifestKey).await();
        damaged[5] ^= 64;
        store.entries().put(manifestKey, damaged).await();
        assertTrue(store.find(KEY).isEmpty());
        States.write(store, KEY, values, 64);
        assertArrayEquals(values, States.read(store, KEY).orElseThrow());
    }

    @Test
    void theFirstCommitStaysUnlessItLostAChunk() {
        float[] values = States.values(100, 64, 1);
        StateManifest first = States.write(store, KEY, values, 64);
        long held = held(store);
        assertEquals(first, States.write(store, KEY, values, 64));
        assertEquals(held, held(store), "the second writer's chunks must go");
        assertEquals(1, store.statistics().writes());

        store.entries().remove(StateCodec.chunkKey(KEY, first.generation(), 1)).await();
        StateManifest third = States.write(store, KEY, values, 64);
        assertFalse(first.equals(third));
        assertArrayEquals(values, States.read(store, KEY).orElseThrow());
        assertEquals(held, held(store));
    }

    @Test
    void aCommitNoticesThatAChunkWasEvictedMeanwhile() {
        long before = held(store);
        try (ChunkedStateWriter writer = (ChunkedStateWriter) store.write(KEY, 100, 64)) {
            writer.append(States.values(100, 64, 1), 0, 100);
            store.entries()
                    .remove(StateCodec.chunkKey(KEY, writer.generation(), 0))
                    .await();
            StateLostException lost = assertThrows(StateLostException.class, writer::commit);
            assertTrue(lost.getMessage().contains("tandem.cache.max-size"), lost.getMessage());
        }
        assertEquals(before, held(store));
        assertTrue(store.find(KEY).isEmpty());
    }

    @Test
    void aRemovedStateIsGoneWithItsChunks() {
        long before = held(store);
        States.write(store, KEY, States.values(100, 64, 1), 64);
        store.remove(KEY);
        store.remove(KEY);
        assertTrue(store.find(KEY).isEmpty());
        assertEquals(before, held(store));
        assertEquals(0, store.statistics().lost());
    }

    @Test
    void figuresCountWhatHappened() {
        States.write(store, KEY, States.values(100, 64, 1), 64);
        store.find(KEY);
        store.find(KEY);
        store.find(States.key(2));
        States.read(store, KEY);
        States.read(store, States.key(2));
        CacheStatistics statistics = store.statistics();
        assertEquals(2, statistics.hits());
        assertEquals(1, statistics.misses());
        assertEquals(1, statistics.writes());
        assertEquals(25_600, statistics.bytesWritten());
        assertEquals(25_600, statistics.bytesRead());
        assertEquals(0, statistics.evictions());
        assertEquals(8 << 20, statistics.maxBytes());
    }
}
