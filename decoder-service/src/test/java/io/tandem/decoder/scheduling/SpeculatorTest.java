package io.tandem.decoder.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tandem.decoder.FakeDecoderRunner;
import io.tandem.decoder.FakeMemory;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rule by which guesses get rows and pages, one plan at a time, on pages of four tokens. */
class SpeculatorTest {

    private static final int[] COUNTING = IntStream.range(0, 40).toArray();

    private FakeDecoderRunner runner;
    private Batch batch;
    private Scheduler scheduler;

    @Test
    void guessesFillAStepUpToItsRowsAndAreSharedEqually() {
        open(40, 32);
        enqueue(100);
        assertEquals(List.of(4), guesses(), "as many as an answer begins with");
        enqueue(100);
        enqueue(100);
        assertEquals(List.of(3, 3, 3), guesses());
        for (int i = 0; i < 5; i++) {
            enqueue(100);
        }
        assertEquals(List.of(1, 1, 1, 1, 0, 0, 0, 0), guesses());
    }

    @Test
    void aStepThatIsLargeAnywayGetsNone() {
        open(40, 32);
        enqueue(100);
        assertEquals(List.of(4), guesses());
        scheduler.enqueue(generation(100, new int[20]));
        scheduler.plan(batch);
        assertEquals(22, batch.rows());
        assertEquals(0, batch.guesses(0));
    }

    @Test
    void theStepsOwnBoundHoldsToo() {
        open(40, 8);
        for (int i = 0; i < 6; i++) {
            enqueue(100);
        }
        assertEquals(List.of(1, 1, 0, 0, 0, 0), guesses());
    }

    @Test
    void noGuessTakesAPageFromAnybody() {
        for (int pages : new int[] {2, 4}) {
            open(pages, 32);
            enqueue(100, 6, 6);
            enqueue(100, 6, 6);
            // The next token of each is the fourth and fills its page.
            int expected = pages == 2 ? 0 : 4;
            assertEquals(List.of(expected, expected), guesses(), pages + " pages");
        }
    }

    @Test
    void theLastTokenIsNeverGuessedNorMoreThanTheClientHasRoomFor() {
        open(40, 32);
        enqueue(2);
        enqueue(4);
        Generation behind = enqueue(100);
        for (int i = 0; i < 6; i++) {
            behind.emit(0, null);
        }
        assertEquals(List.of(0, 2, 1), guesses());
    }

    private void open(int pages, int stepTokens) {
        runner = new FakeDecoderRunner(50, 1000, pages, 4);
        SchedulerLimits limits = new SchedulerLimits(8, stepTokens, new SpeculationLimits(8, 12));
        batch = new Batch(limits);
        scheduler = new Scheduler(runner, limits, new DecoderMetrics(new SimpleMeterRegistry()));
    }

    /** An output that has read its prefix and whose first token is one that the source goes on behind. */
    private Generation enqueue(int maxTokens, int... prefix) {
        Generation generation = generation(maxTokens, prefix);
        scheduler.enqueue(generation);
        DecoderStep step = runner.newStep();
        scheduler.plan(batch);
        batch.describe(step);
        runner.run(step);
        for (int entry = 0; entry < batch.size(); entry++) {
            Sequence sequence = batch.sequence(entry);
            sequence.pages().truncate(sequence.length() - (sequence.generation() == generation ? 0 : 1));
            if (sequence.generation() == generation) {
                sequence.append(5);
            }
        }
        return generation;
    }

    private static Generation generation(int maxTokens, int... prefix) {
        GenerationRequest request =
                new GenerationRequest(prefix, maxTokens, new int[0], SamplingParameters.GREEDY, COUNTING);
        return new Generation(List.of(FakeMemory.of(2, 1)), request, new TokenBuffer(8), new Signal(), new Signal());
    }

    /** Guesses of each entry of the next step. */
    private List<Integer> guesses() {
        scheduler.plan(batch);
        return IntStream.range(0, batch.size()).mapToObj(batch::guesses).toList();
    }
}
