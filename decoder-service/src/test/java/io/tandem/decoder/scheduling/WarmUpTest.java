package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.engine.sampling.Sampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WarmUpTest {

    private static final int VOCABULARY = 50;

    private final List<List<Integer>> steps = new ArrayList<>();

    /** What steps have taken, in nanoseconds. */
    private final AtomicLong time = new AtomicLong();

    /** What each takes. */
    private long stepNanos = 1_000_000;

    @Test
    void prefixesAndSingleTokensAreRunAloneAndInABatch() {
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
        for (List<Integer> counts : List.of(List.of(8), List.of(1), List.of(8, 8, 8, 8), List.of(1, 1, 1, 1))) {
            assertTrue(steps.contains(counts), () -> counts + " is missing in " + steps);
        }
    }

    @Test
    void whereStepsAreSlowNoBatchIsWaitedFor() {
        stepNanos = 400_000_000;
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 100, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
        assertEquals(List.of(List.of(8), List.of(1), List.of(1)), steps);
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
    void smallContextsAndFewPagesAreEnough() {
        warmUp(new FakeDecoderRunner(VOCABULARY, 3, 100, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
        assertTrue(steps.contains(List.of(3)), steps::toString);
        warmUp(new FakeDecoderRunner(VOCABULARY, 100, 1, 4), new SchedulerLimits(8, 64, SpeculationLimits.OFF));
    }

    private void warmUp(FakeDecoderRunner runner, SchedulerLimits limits) {
        runner.beforeStep((sequences, counts) -> {
            steps.add(Arrays.stream(counts).boxed().toList());
            time.addAndGet(stepNanos);
        });
        new WarmUp(runner, limits, runner.newStep(), new Sampler(VOCABULARY), time::get).run();
        assertEquals(runner.pages().total(), runner.pages().free());
        assertEquals(0, runner.openMemories());
        runner.verifyPages();
    }
}
