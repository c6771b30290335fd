package io.tandem.engine.speculation;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.PageUsage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures what a decoder's steps cost by their rows, all of one answer and all asked for what follows, as guesses are: steps of 1
 * row, 2 rows and so on, again and again, of which the best time of each counts. It goes step by step, so that others can run in
 * between; between two steps it holds no page.
 *
 * <p>Mutable; used by the thread that runs the decoder's steps.
 */
public final class PriceMeasure {

    /** The first round finds cold code, and one of the others may be disturbed. */
    private static final int FEWEST_ROUNDS = 3;

    /** Time in steps after which no round is begun but the fewest: small models take many rounds until their code is compiled. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Rounds without a gain after which code is taken to be warm. */
    private static final int SETTLED_ROUNDS = 30;

    /** What a round must bring the sum of the best times down to for a gain. */
    private static final double GAIN = 0.95;

    private final DecoderRunner runner;
    private final DecoderStep step;
    private final EncoderMemory memory;
    private final LongSupplier nanoTime;
    private final double[] best; // [rows - 1], nanoseconds
    private int rows;
    private int rounds;
    private int settled;
    private double reached = Double.MAX_VALUE;
    private long spent;

    /**
     * @param step cleared before and after each use
     * @param memory complete, and open as long as this is used
     * @param mostRows at least 1; as many are measured as there are pages for
     * @param nanoTime a clock as {@link System#nanoTime} is
     */
    public PriceMeasure(
            DecoderRunner runner, DecoderStep step, EncoderMemory memory, int mostRows, LongSupplier nanoTime) {
        this.runner = runner;
        this.step = step;
        this.memory = memory;
        this.nanoTime = nanoTime;
        PageUsage pages = runner.pages();
        long room = Math.min(runner.maxTokens(), (long) pages.total() * pages.pageTokens());
        this.best = new double[(int) Math.min(mostRows, room)];
        Arrays.fill(best, Double.MAX_VALUE);
    }

    /** Whether the prices are as good as they get. */
    public boolean done() {
        return best.length == 0
                || rounds >= FEWEST_ROUNDS && (settled >= SETTLED_ROUNDS || spent >= PATIENCE.toNanos());
    }

    /** Runs and times the next step; false, without a step, while there are no pages for it. */
    public boolean measure() {
        try (DecoderSequence sequence = runner.sequence(List.of(memory))) {
            if (!sequence.reserve(rows + 1)) {
                return false;
            }
            long time = nanoseconds(sequence, rows + 1);
            spent += time;
            best[rows] = Math.min(best[rows], time);
        } finally {
            step.clear();
        }
        if (++rows == best.length) {
            endRound();
        }
        return true;
    }

    /** What was found, once it is {@link #done}. */
    public StepPrices prices() {
        return best.length == 0 ? StepPrices.linear(0, 1) : StepPrices.of(best);
    }

    private void endRound() {
        double sum = Arrays.stream(best).sum();
        settled = sum > GAIN * reached ? settled + 1 : 0;
        reached = settled == 0 ? sum : reached;
        rounds++;
        rows = 0;
    }

    private long nanoseconds(DecoderSequence sequence, int count) {
        int[] tokens = new int[count];
        Arrays.fill(tokens, runner.startToken());
        long start = nanoTime.getAsLong();
        step.clear();
        step.add(sequence, tokens, 0, count, new Asked(count, false));
        runner.run(step);
        // A clock may stand still during a step that takes no time.
        return Math.max(1, nanoTime.getAsLong() - start);
    }
}
