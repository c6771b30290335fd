package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.speculation.StepPrices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PricingTest {

    private static final SpeculationLimits MEASURED = new SpeculationLimits(3, 6, OptionalDouble.empty());

    private final FakeDecoderRunner runner = new FakeDecoderRunner(50, 100, 100, 4);
    private final List<Integer> rows = new ArrayList<>();
    private final List<StepPrices> found = new ArrayList<>();

    /** What steps take, in nanoseconds: a millisecond, and a quarter of it for each row more. */
    private final AtomicLong time = new AtomicLong();

    @BeforeEach
    void count() {
        runner.beforeStep((sequences, counts) -> {
            rows.add(Arrays.stream(counts).sum());
            time.addAndGet(1_000_000 + 250_000L * (rows.getLast() - 1));
        });
    }

    @AfterEach
    void everythingIsGivenBack() {
        assertEquals(runner.pages().total(), runner.pages().free());
        assertEquals(0, runner.openMemories());
        runner.verifyPages();
    }

    @Test
    void stepsOfEachSizeAreTimedWhileIdle() {
        try (Pricing pricing = pricing(new SchedulerLimits(8, 64, MEASURED))) {
            assertFalse(pricing.whileIdle(), "the first answer finds the decoder at rest");
            haveAnswered(pricing);
            while (pricing.whileIdle()) {
                assertEquals(runner.pages().total(), runner.pages().free(), "pages are held between two steps");
            }
        }
        StepPrices prices = found.getFirst();
        assertEquals(6, prices.mostRows());
        for (int count = 1; count <= 6; count++) {
            assertTrue(rows.contains(count), "no step of " + count + " rows");
            assertEquals(1 + 0.25 * (count - 1), prices.step(count), 1e-9);
        }
    }

    @Test
    void aDecoderThatNeverPausesFindsThemToo() {
        try (Pricing pricing = pricing(new SchedulerLimits(4, 4, MEASURED))) {
            int steps = 0;
            for (; found.isEmpty(); steps++) {
                pricing.afterStep();
            }
            assertEquals(4, found.getFirst().mostRows(), "as many rows as a step may have");
            assertTrue(rows.size() * 30 < steps, rows.size() + " of " + steps + " steps measured");
        }
    }

    @Test
    void pricesThatAreGivenOrUselessAreNotMeasured() {
        try (Pricing given = pricing(new SchedulerLimits(4, 5, new SpeculationLimits(3, 6, OptionalDouble.of(0.5))))) {
            haveAnswered(given);
            assertFalse(given.whileIdle());
            assertEquals(5, found.getFirst().mostRows());
            assertEquals(3, found.getFirst().step(5), 1e-9);
        }
        try (Pricing off = pricing(new SchedulerLimits(4, 5, SpeculationLimits.OFF))) {
            haveAnswered(off);
            assertFalse(off.whileIdle());
        }
        assertEquals(1, found.size());
        assertEquals(List.of(), rows);
    }

    @Test
    void answersKeepTheirPages() {
        List<DecoderSequence> answers = new ArrayList<>();
        try (Pricing pricing = pricing(new SchedulerLimits(8, 64, MEASURED))) {
            haveAnswered(pricing);
            rows.clear();
            for (int i = 0; i < 4; i++) {
                answers.add(runner.sequence(List.of(FakeMemory.of(1, i))));
                assertTrue(answers.getLast().reserve(100));
            }
            assertFalse(pricing.whileIdle(), "it would spin");
            answers.removeLast().close();
            assertTrue(pricing.whileIdle());
            assertEquals(1, rows.size());
        } finally {
            answers.forEach(DecoderSequence::close);
        }
    }

    @Test
    void aRunnerThatFailsEndsTheMeasuringOnly() {
        runner.beforeStep((sequences, counts) -> {
            throw new IllegalStateException("broken");
        });
        try (Pricing pricing = pricing(new SchedulerLimits(8, 64, MEASURED))) {
            haveAnswered(pricing);
            assertFalse(pricing.whileIdle());
        }
        assertEquals(List.of(), found);
    }

    private static void haveAnswered(Pricing pricing) {
        for (int i = 0; i < 64; i++) {
            pricing.afterStep();
        }
    }

    private Pricing pricing(SchedulerLimits limits) {
        return new Pricing(runner, limits, runner.newStep(), found::add, time::get);
    }
}
