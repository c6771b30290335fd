package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.speculation.StepPrices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WarmUpTest {

    private static final int VOCABULARY = 50;

    private final List<List<Integer>> steps = new ArrayList<>();

    /** What steps take, in nanoseconds: a millisecond, and a quarter of it for each row more. */
    private final AtomicLong time = new AtomicLong();

    @Test
    void prefixesAndSingleTokensAreRunAloneAndInABatch() {
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
        for (List<Integer> counts : List.of(List.of(8), List.of(1), List.of(8, 8, 8, 8), List.of(1, 1, 1, 1))) {
            assertTrue(steps.contains(counts), () -> counts + " is missing in " + steps);
        }
    }

    @Test
    void theDecodersLimitsAreKept() {
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(2, 4, SpeculationLimits.OFF));
        for (List<Integer> counts : steps) {
            assertTrue(counts.size() <= 2, () -> counts + " is a batch of more than two");
            assertTrue(counts.stream().mapToInt(Integer::intValue).sum() <= 4, () -> counts + " is more than 4 tokens");
        }
        assertTrue(steps.contains(List.of(1, 1)), steps::toString);
    }

    @Test
    void stepsWithGuessesAreRunAndTimed() {
        SpeculationLimits guessing = new SpeculationLimits(3, 6, OptionalDouble.empty());
        StepPrices prices =
                warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(8, 64, guessing));
        assertEquals(6, prices.mostRows());
        for (int rows = 1; rows <= 6; rows++) {
            assertTrue(steps.contains(List.of(rows)), "no step of " + rows + " rows");
            assertEquals(1 + 0.25 * (rows - 1), prices.step(rows), 1e-9);
        }
    }

    @Test
    void aPriceThatIsGivenIsNotMeasured() {
        SpeculationLimits guessing = new SpeculationLimits(3, 6, OptionalDouble.of(0.5));
        StepPrices prices = warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(4, 5, guessing));
        assertEquals(5, prices.mostRows());
        assertEquals(3, prices.step(5), 1e-9);
    }

    @Test
    void smallContextsAndFewPagesAreEnough() {
        warmUp(new FakeDecoderRunner(VOCABULARY, 3, 100, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
        assertTrue(steps.contains(List.of(3)), steps::toString);
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 1, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
    }

    private StepPrices warmUp(FakeDecoderRunner runner, SchedulerLimits limits) {
        runner.beforeStep((sequences, counts) -> {
            steps.add(Arrays.stream(counts).boxed().toList());
            time.addAndGet(1_000_000 + 250_000L * (Arrays.stream(counts).sum() - 1));
        });
        StepPrices prices = new WarmUp(runner, limits, runner.newStep(), new Sampler(VOCABULARY), time::get).run();
        assertEquals(runner.pages().total(), runner.pages().free());
        assertEquals(0, runner.openMemories());
        runner.verifyPages();
        return prices;
    }
}
