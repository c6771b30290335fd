package io.tandem.decoder.residency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.bench.capacity.EncoderMemories;
import io.tandem.bench.capacity.Segment;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeStateStore;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.decoder.metrics.ResidencyMetrics;
import io.tandem.decoder.metrics.ResidencyMetrics.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The capacity model repeats the rules of {@link EncoderResidency}: the same requests find the same in both. */
class CapacityModelTest {

    private static final int ROOM_TOKENS = 12;
    private static final int LONGEST = 6;
    private static final int EVENTS = 4000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HeldExecutor loading = new HeldExecutor();
    private final FakeStateStore store = new FakeStateStore();
    private final MemoryChoice choice = new MemoryChoice(
            new FakeDecoderRunner(10, 100, 4, 4), ROOM_TOKENS * FakeDecoderRunner.BYTES_PER_TOKEN, AbsorbFrom.NEVER);
    private final EncoderResidency residency =
            new EncoderResidency(choice, new StateLoader(store, choice), loading, new ResidencyMetrics(registry));

    private final Deque<Runnable> loads = new ArrayDeque<>();
    private final EncoderMemories model = new EncoderMemories(
            ROOM_TOKENS * FakeDecoderRunner.BYTES_PER_TOKEN,
            FakeDecoderRunner.BYTES_PER_TOKEN,
            (segment, whenLoaded) -> loads.add(whenLoaded));
    private final Map<Found, Double> found = new EnumMap<>(Found.class);
    private final List<Both> open = new ArrayList<>();

    /** One request in both. */
    private final class Both implements EncoderMemories.Listener {
        private final Lease real;
        private final EncoderMemories.Lease modelled;
        private boolean granted;
        private boolean complete;

        private Both(List<Integer> tokens) {
            real = residency.lease(
                    tokens.stream()
                            .map(length -> new SegmentReference(FakeStateStore.key(length), length))
                            .toList(),
                    () -> {});
            modelled = model.lease(
                    tokens.stream()
                            .map(length -> new Segment(length, length, length))
                            .toList(),
                    this);
        }

        @Override
        public void granted(List<EncoderMemories.Found> segments) {
            granted = true;
            segments.forEach(one -> found.merge(Found.valueOf(one.name()), 1.0, Double::sum));
        }

        @Override
        public void complete() {
            complete = true;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sameRequestsFindTheSame(long seed) {
        Random random = new Random(seed);
        for (int length = 1; length <= LONGEST; length++) {
            store.put(FakeStateStore.key(length), length, length);
        }
        for (int event = 0; event < EVENTS; event++) {
            switch (random.nextInt(4)) {
                case 0 -> open.add(new Both(List.of(1 + random.nextInt(LONGEST))));
                case 1 -> open.add(new Both(List.of(1 + random.nextInt(3), 4 + random.nextInt(3))));
                case 2 -> load();
                default -> closeOne(random);
            }
            assertSame();
        }
        while (!open.isEmpty()) {
            load();
            closeOne(random);
            assertSame();
        }
        for (Found kind : Found.values()) {
            assertTrue(found.get(kind) > 100, found.toString());
        }
        residency.close();
    }

    private void load() {
        loading.runAll();
        while (!loads.isEmpty()) {
            loads.remove().run();
        }
    }

    private void closeOne(Random random) {
        List<Both> complete = open.stream().filter(both -> both.complete).toList();
        if (!complete.isEmpty()) {
            Both closed = complete.get(random.nextInt(complete.size()));
            open.remove(closed);
            closed.real.close();
            model.release(closed.modelled);
        }
    }

    private void assertSame() {
        open.forEach(both -> {
            assertEquals(both.real.granted(), both.granted);
            assertEquals(both.real.settled(), both.complete);
        });
        Stream.of(Found.values())
                .forEach(kind -> assertEquals(
                        registry.get("tandem.decoder.residency.segments")
                                .tag("found", kind.name().toLowerCase(Locale.ROOT))
                                .counter()
                                .count(),
                        found.getOrDefault(kind, 0.0)));
    }
}
