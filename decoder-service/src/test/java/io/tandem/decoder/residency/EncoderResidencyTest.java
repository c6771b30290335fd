package io.tandem.decoder.residency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.cache.StoreUnavailableException;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeStateStore;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.decoder.metrics.ResidencyMetrics;
import io.tandem.engine.runner.EncoderMemory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Room for ten tokens; segment n has n tokens; loads run when the test says so. */
class EncoderResidencyTest {

    private static final int ROOM_TOKENS = 10;

    private final FakeStateStore store = new FakeStateStore();
    private final FakeDecoderRunner runner = new FakeDecoderRunner(10, 100, 4, 4);
    private final HeldExecutor loading = new HeldExecutor();
    private final MemoryChoice choice =
            new MemoryChoice(runner, ROOM_TOKENS * FakeDecoderRunner.BYTES_PER_TOKEN, AbsorbFrom.NEVER);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EncoderResidency residency =
            new EncoderResidency(choice, new StateLoader(store, choice), loading, new ResidencyMetrics(registry));

    @BeforeEach
    void fillStore() {
        IntStream.rangeClosed(1, 12).forEach(n -> store.put(FakeStateStore.key(n), n, n));
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(0, residency.usage().leases());
        residency.close();
        assertEquals(0, runner.openMemories());
        assertEquals(0, residency.usage().bytes());
    }

    @Test
    void requestsForOneKeyShareOneLoadAndOneMemory() {
        try (Lease first = lease(5);
                Lease second = lease(5)) {
            assertTrue(first.granted() && second.granted());
            assertFalse(second.settled());
            loading.runAll();
            EncoderMemory memory = first.memories().getFirst();
            assertSame(memory, second.memories().getFirst());
            assertEquals(FakeMemory.of(5, 5).hash(), ((FakeMemory) memory).hash());
            assertEquals(0, second.residentTokens());
        }
        try (Lease later = lease(5, 4)) {
            assertEquals(5, later.residentTokens());
            loading.runAll();
            assertEquals(2, later.memories().size());
        }
        assertEquals(2, store.reads());
    }

    @Test
    void aSegmentMayStandInARequestTwice() {
        try (Lease lease = lease(3, 2, 3)) {
            loading.runAll();
            List<EncoderMemory> memories = lease.memories();
            assertSame(memories.get(0), memories.get(2));
            assertEquals(
                    5 * FakeDecoderRunner.BYTES_PER_TOKEN, residency.usage().bytes());
        }
    }

    @Test
    void theLeastRecentlyUsedIdleMemoryMakesRoom() {
        load(3);
        load(4);
        load(3);
        load(5);
        assertEquals(3, store.reads());
        load(3);
        assertEquals(3, store.reads(), "3 stayed, as it was used after 4");
        load(4);
        assertEquals(4, store.reads(), "4 had made room");
    }

    @Test
    void countsHowSegmentsWereFoundAndWhatLoadsBrought() {
        try (Lease first = lease(5, 5);
                Lease second = lease(5, 2)) {
            loading.runAll();
            assertTrue(first.settled() && second.settled());
        }
        load(5);
        load(9);
        assertEquals(List.of(1.0, 1.0, 3.0), found("segments"), "5 later; 5 on its way; 5, 2 and 9");
        assertEquals(List.of(5.0, 5.0, 16.0), found("tokens"));
        assertEquals(3, registry.get("tandem.decoder.residency.load").timer().count());
        assertEquals(
                16 * FakeDecoderRunner.BYTES_PER_TOKEN,
                registry.get("tandem.decoder.residency.loaded.bytes").counter().count());
        assertEquals(
                2, registry.get("tandem.decoder.residency.evictions").counter().count(), "5 and 2 made room for 9");
    }

    private List<Double> found(String counter) {
        return Stream.of("resident", "loading", "absent")
                .map(found -> registry.get("tandem.decoder.residency." + counter)
                        .tag("found", found)
                        .counter()
                        .count())
                .toList();
    }

    @Test
    void memoriesInUseStayAndRequestsWaitForRoomInOrder() {
        AtomicInteger wakes = new AtomicInteger();
        Lease holder = lease(6);
        loading.runAll();
        Lease large = residency.lease(segments(7), wakes::incrementAndGet);
        Lease small = lease(4);
        assertFalse(large.granted());
        assertFalse(small.granted(), "it is behind the large one, although there is room for it");
        try (Lease resident = lease(6)) {
            assertTrue(resident.settled(), "what takes no room need not wait");
        }
        assertEquals(2, residency.usage().waiting());
        holder.close();
        assertTrue(large.granted());
        assertTrue(wakes.get() > 0);
        assertFalse(small.granted());
        large.close();
        assertFalse(small.granted(), "a load in progress keeps its room until it has stopped");
        loading.runAll();
        assertTrue(small.settled());
        small.close();
    }

    @Test
    void aRequestThatWaitsMayGiveUp() {
        Lease holder = lease(6);
        Lease first = lease(7);
        Lease second = lease(3);
        first.close();
        assertTrue(second.granted());
        second.close();
        holder.close();
        loading.runAll();
        assertEquals(0, residency.usage().memories());
        assertEquals(0, store.reads(), "nobody wanted them any more");
    }

    @Test
    void aLoadThatNobodyWantsStopsBetweenChunks() {
        Lease lease = lease(6);
        AtomicInteger chunks = new AtomicInteger();
        store.beforeChunk(() -> {
            if (chunks.incrementAndGet() == 2) {
                lease.close();
            }
        });
        loading.runAll();
        assertEquals(2, chunks.get());
        assertEquals(0, runner.openMemories());
        assertEquals(0, residency.usage().bytes());
    }

    @Test
    void aLostStateFailsItsRequestsAndLeavesNothing() {
        store.lose(FakeStateStore.key(6), 2);
        try (Lease first = lease(6, 1);
                Lease second = lease(6);
                Lease other = lease(2)) {
            loading.runAll();
            for (Lease lease : List.of(first, second)) {
                assertEquals(ErrorCode.STATE_LOST, lease.failure().orElseThrow().code());
                assertThrows(IllegalStateException.class, lease::memories);
            }
            assertTrue(other.failure().isEmpty() && other.settled());
            assertEquals(2, runner.openMemories());
        }
        try (Lease missing = residency.lease(List.of(new SegmentReference(FakeStateStore.key(99), 1)), () -> {})) {
            loading.runAll();
            assertEquals(ErrorCode.STATE_LOST, missing.failure().orElseThrow().code());
        }
    }

    @Test
    void anUnreachableCacheIsNoLoss() {
        store.beforeChunk(() -> {
            throw new StoreUnavailableException("the state cache at here:1 can't be reached", null);
        });
        try (Lease lease = lease(6)) {
            loading.runAll();
            assertEquals(ErrorCode.UNAVAILABLE, lease.failure().orElseThrow().code());
        }
        store.beforeChunk(() -> {});
        try (Lease again = lease(6)) {
            loading.runAll();
            assertTrue(again.failure().isEmpty() && again.settled());
        }
    }

    @Test
    void aStateThatWasMadeAgainIsLoadedAgain() {
        store.remove(FakeStateStore.key(6));
        try (Lease lost = lease(6)) {
            loading.runAll();
            assertTrue(lost.failure().isPresent());
            store.put(FakeStateStore.key(6), 6, 6);
            try (Lease found = lease(6)) {
                loading.runAll();
                assertEquals(1, found.memories().size());
            }
        }
    }

    @Test
    void whatCouldNeverFitIsRefusedWithBothNumbersAndTheSetting() {
        TandemException refusal = assertThrows(TandemException.class, () -> lease(6, 5));
        assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, refusal.code());
        assertEquals(
                "the prompt takes 88 bytes of encoder memory, the decoder has 80; raise tandem.decoder.encoder-memory"
                        + " or set tandem.decoder.absorb-from to a number of tokens",
                refusal.getMessage());
    }

    @Test
    void aWrongNumberOfTokensIsTheRequestsFault() {
        List<SegmentReference> wrong = List.of(new SegmentReference(FakeStateStore.key(5), 6));
        try (Lease lease = residency.lease(wrong, () -> {})) {
            loading.runAll();
            assertEquals(
                    ErrorCode.INVALID_REQUEST, lease.failure().orElseThrow().code());
        }
        load(5);
        assertEquals(
                ErrorCode.INVALID_REQUEST,
                assertThrows(TandemException.class, () -> residency.lease(wrong, () -> {}))
                        .code());
    }

    @Test
    void evictedMemoriesAreClosedOnceAndLoadedAnew() {
        EncoderMemory first = load(8);
        load(9);
        assertThrows(IllegalStateException.class, () -> ((FakeMemory) first).hash());
        assertNotSame(first, load(8));
    }

    private EncoderMemory load(int n) {
        try (Lease lease = lease(n)) {
            loading.runAll();
            assertEquals(0, loading.held());
            return lease.memories().getFirst();
        }
    }

    private Lease lease(int... numbers) {
        return residency.lease(segments(numbers), () -> {});
    }

    private static List<SegmentReference> segments(int... numbers) {
        return IntStream.of(numbers)
                .mapToObj(n -> new SegmentReference(FakeStateStore.key(n), n))
                .toList();
    }
}
