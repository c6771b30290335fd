package io.tandem.decoder.residency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.contract.TandemException;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.FakeStateStore;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.decoder.metrics.ResidencyMetrics;
import io.tandem.engine.runner.MemoryForm;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Room for ten tokens' keys and values, or forty states. */
class MemoryChoiceTest {

    private static final long ROOM = 10 * FakeDecoderRunner.BYTES_PER_TOKEN;

    private final FakeDecoderRunner runner = new FakeDecoderRunner(10, 100, 4, 4);

    @Test
    void longSegmentsAreAbsorbed() {
        MemoryChoice choice = choice("6");
        assertEquals(MemoryForm.PROJECTED, choice.form(segment(5)));
        assertEquals(MemoryForm.ABSORBED, choice.form(segment(6)));
        assertEquals(5 * FakeDecoderRunner.BYTES_PER_TOKEN, choice.bytes(segment(5)));
        assertEquals(6 * FakeDecoderRunner.ABSORBED_BYTES_PER_TOKEN, choice.bytes(segment(6)));
    }

    @Test
    void segmentsWhoseKeysAndValuesWouldNeverFitAreAbsorbed() {
        MemoryChoice choice = choice("1000");
        assertEquals(MemoryForm.PROJECTED, choice.form(segment(10)));
        assertEquals(MemoryForm.ABSORBED, choice.form(segment(11)));
    }

    @Test
    void neverMeansNever() {
        MemoryChoice choice = choice("never");
        assertEquals(MemoryForm.PROJECTED, choice.form(segment(11)));
        assertEquals(MemoryForm.PROJECTED, choice.form(segment(Integer.MAX_VALUE)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "often", "", "99999999999"})
    void whatIsNoLengthIsRefusedByName(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> AbsorbFrom.parse(text))
                .getMessage();
        assertTrue(message.startsWith("tandem.decoder.absorb-from is "), message);
    }

    @Test
    void requestsShareTheOneFormAndItsBytesAreCounted() {
        FakeStateStore store = new FakeStateStore();
        IntStream.of(4, 8, 12, 30, 50).forEach(n -> store.put(FakeStateStore.key(n), n, n));
        HeldExecutor loading = new HeldExecutor();
        MemoryChoice choice = choice("8");
        EncoderResidency residency = new EncoderResidency(
                choice, new StateLoader(store, choice), loading, new ResidencyMetrics(new SimpleMeterRegistry()));
        try (Lease both = residency.lease(List.of(segment(4), segment(12)), () -> {});
                Lease other = residency.lease(List.of(segment(12), segment(8)), () -> {})) {
            loading.runAll();
            assertEquals(MemoryForm.PROJECTED, form(both, 0));
            assertEquals(MemoryForm.ABSORBED, form(both, 1));
            assertSame(both.memories().get(1), other.memories().get(0));
            assertEquals(
                    4 * FakeDecoderRunner.BYTES_PER_TOKEN + 20 * FakeDecoderRunner.ABSORBED_BYTES_PER_TOKEN,
                    residency.usage().bytes());
        }
        try (Lease large = residency.lease(List.of(segment(30)), () -> {})) {
            loading.runAll();
            assertEquals(MemoryForm.ABSORBED, form(large, 0));
        }
        String refusal = "the prompt takes %s bytes of encoder memory, the decoder has 80;"
                + " raise tandem.decoder.encoder-memory";
        assertEquals(refusal.formatted(100), refusal(residency, 50));
        assertEquals(
                refusal.formatted(92) + " or lower tandem.decoder.absorb-from, which is 8", refusal(residency, 4, 30));
        residency.close();
        assertEquals(0, runner.openMemories());
    }

    private static String refusal(EncoderResidency residency, int... tokens) {
        List<SegmentReference> segments =
                IntStream.of(tokens).mapToObj(MemoryChoiceTest::segment).toList();
        return assertThrows(TandemException.class, () -> residency.lease(segments, () -> {}))
                .getMessage();
    }

    private static MemoryForm form(Lease lease, int segment) {
        return ((FakeMemory) lease.memories().get(segment)).form();
    }

    private MemoryChoice choice(String absorbFrom) {
        return new MemoryChoice(runner, ROOM, AbsorbFrom.parse(absorbFrom));
    }

    private static SegmentReference segment(int tokens) {
        return new SegmentReference(FakeStateStore.key(tokens), tokens);
    }
}
