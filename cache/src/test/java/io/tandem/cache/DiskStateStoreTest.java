package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** States on disk: over restarts, too many, and with several users of one folder. */
@Timeout(60)
class DiskStateStoreTest {
    private static final ContentKey KEY = States.key(1);

    @TempDir
    Path folder;

    private FolderOfStates states;

    @BeforeEach
    void describe() {
        states = new FolderOfStates(folder);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,3000", "1025,1", "300,640"})
    void aStateSurvivesARestart(int rows, int columns) {
        float[] values = States.values(rows, columns, rows);
        try (StateStore store = states.open()) {
            States.write(store, KEY, values, columns);
        }
        try (StateStore store = states.open()) {
            assertTrue(store.find(KEY).isPresent());
            assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
            CacheStatistics statistics = store.statistics();
            assertEquals(1, statistics.hits());
            assertEquals(0, statistics.misses());
            assertEquals(0, statistics.writes(), "it was not encoded again");
        }
        try (StateStore store = states.open()) {
            assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()), "read without a look-up");
            assertTrue(store.find(States.key(2)).isEmpty());
            assertTrue(store.read(States.key(2)).isEmpty());
        }
    }

    @Test
    void theSizeOfChunksMayChangeBetween() {
        float[] values = States.values(300, 64, 1);
        try (StateStore store = states.open("tandem.cache.chunk-size", "64K")) {
            States.write(store, KEY, values, 64);
        }
        try (StateStore store = states.open("tandem.cache.chunk-size", "1K")) {
            assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
        }
    }

    @Test
    void theBoundHoldsAndWhatIsUsedStays() throws IOException {
        int count = 60; // of 100 KB, in 2 MB
        StateStores.Opened opened = StateStores.openTiers(
                states.config("tandem.cache.disk.max-size", "2M", "tandem.cache.max-size", "16M"));
        Tier disk = opened.tiers().getLast();
        try (StateStore store = opened.store()) {
            for (int number = 0; number < count; number++) {
                States.write(store, States.key(number), States.values(100, 256, number), 256);
                // Which is the oldest on disk is a matter of order, and the writer may be late.
                awaitWrites(disk, number + 1);
                assertTrue(store.find(States.key(0)).isPresent());
                assertTrue(disk.tierStatistics().bytesHeld() <= 2 << 20);
            }
        }
        assertTrue(states.bytes() <= 2 << 20 && states.bytes() > 1 << 20, "on disk: " + states.bytes());
        assertEquals(states.bytes(), disk.tierStatistics().bytesHeld());
        assertEquals(count, disk.tierStatistics().writes());
        try (StateStore store = states.open()) {
            assertTrue(store.find(States.key(0)).isPresent(), "always in use");
            assertTrue(store.find(States.key(count - 1)).isPresent(), "written last");
            assertTrue(store.find(States.key(1)).isEmpty(), "not used for longest");
        }
    }

    @Test
    void aRemovedStateIsGoneFromTheDisk() throws IOException {
        try (StateStore store = states.open()) {
            States.write(store, KEY, States.values(100, 64, 1), 64);
            States.write(store, States.key(2), States.values(100, 64, 2), 64);
            // Perhaps written already, perhaps waiting.
            store.remove(KEY);
        }
        try (StateStore store = states.open()) {
            assertTrue(store.find(KEY).isEmpty());
            assertTrue(store.find(States.key(2)).isPresent());
            store.remove(States.key(2));
            assertEquals(List.of(), states.files());
        }
    }

    /** Two stores as two processes have them, on one folder: right values or a miss, whatever the other does meanwhile. */
    @Test
    void twoUsersOfOneFolderDoNotHarmEachOther() throws Exception {
        String[] small = {"tandem.cache.disk.max-size", "1M", "tandem.cache.max-size", "1M"};
        try (StateStore one = states.open(small);
                StateStore other = states.open(small);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                StateStore store = thread % 2 == 0 ? one : other;
                int shift = thread;
                work.add(() -> {
                    for (int step = 0; step < 200; step++) {
                        use(store, (step * 7 + shift * 3) % 20, step % 11 == 10);
                    }
                    return true;
                });
            }
            for (Future<Boolean> done : threads.invokeAll(work)) {
                assertTrue(done.get());
            }
        }
        assertTrue(states.files().stream().noneMatch(file -> file.toString().endsWith(".partial")));
        try (StateStore store = states.open()) {
            for (int number = 0; number < 20; number++) {
                float[] expected = States.values(200, 64, number);
                Optional<float[]> read = States.read(store, States.key(number));
                assertTrue(read.isEmpty() || States.sameBits(expected, read.get()));
            }
            assertEquals(0, store.statistics().lost());
        }
    }

    @Test
    void whatDoesNotFitInTheQueueIsCountedAndNotWritten() throws IOException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        StateStore slow = new ForwardingStateStore(States.openLocal("8M", "4K")) {
            @Override
            public Optional<StateReader> read(ContentKey key) {
                reached.countDown();
                try {
                    released.await();
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
                return super.read(key);
            }
        };
        DiskStateStore store = new DiskStateStore(slow, StateFolder.open(folder, ByteSize.parse("8M")), 2);
        try (store) {
            States.write(store, KEY, States.values(10, 64, 1), 64);
            assertTrue(awaits(reached));
            for (int number = 2; number < 7; number++) {
                States.write(store, States.key(number), States.values(10, 64, number), 64);
            }
            assertEquals(3, store.tierStatistics().skipped());
            released.countDown();
        }
        assertEquals(3, store.tierStatistics().writes());
        assertEquals(3, states.files().size());
    }

    @Test
    void aFolderThatCanNotBeUsedIsRefusedByItsSetting() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        CacheConfig config = states.config("tandem.cache.disk.path", file.toString());
        String message = assertThrows(IllegalArgumentException.class, () -> StateStores.open(config))
                .getMessage();
        assertTrue(message.contains("tandem.cache.disk.path"), message);
        CacheConfig tiny = states.config("tandem.cache.disk.max-size", "1K");
        message = assertThrows(IllegalArgumentException.class, () -> StateStores.open(tiny))
                .getMessage();
        assertTrue(message.contains("tandem.cache.disk.max-size"), message);
    }

    @Test
    void figuresTellTheDiskFromTheMemory() {
        try (StateStore store = states.open()) {
            States.write(store, KEY, States.values(100, 64, 1), 64);
        }
        StateStores.Opened opened = StateStores.openTiers(states.config());
        try (StateStore store = opened.store()) {
            assertEquals(
                    List.of("local", "disk"),
                    opened.tiers().stream().map(Tier::tierName).toList());
            store.find(KEY);
            store.find(KEY);
            store.find(States.key(2));
            TierStatistics disk = opened.tiers().get(1).tierStatistics();
            assertEquals(1, disk.hits());
            assertEquals(1, disk.misses());
            assertTrue(disk.bytesRead() > 25_600 && disk.bytesRead() < 26_000, "read: " + disk.bytesRead());
            assertTrue(disk.readNanos() > 0);
            assertEquals(2, store.statistics().hits());
            assertEquals(1, store.statistics().misses());
        }
    }

    private static void use(StateStore store, int number, boolean remove) {
        ContentKey key = States.key(number);
        float[] expected = States.values(200, 64, number);
        try {
            Optional<float[]> read = States.read(store, key);
            if (read.isPresent()) {
                assertTrue(States.sameBits(expected, read.get()));
            } else {
                States.write(store, key, expected, 64);
            }
        } catch (StateLostException evicted) {
            // As it may be anywhere; the store is far too small.
            assertEquals(key, evicted.key());
        }
        if (remove) {
            store.remove(key);
        }
    }

    private static void awaitWrites(Tier disk, int count) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (disk.tierStatistics().writes() < count) {
            assertTrue(System.nanoTime() < end, "not written within 20 s");
            Thread.onSpinWait();
        }
    }

    private static boolean awaits(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
