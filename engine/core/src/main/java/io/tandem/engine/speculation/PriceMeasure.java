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

/** Measures what a decoder's steps cost by their rows, all of one answer and all asked for what follows, as guesses are. */
public final class PriceMeasure {

    /** The first round finds cold code, and one of the others may be disturbed. */
    private static final int FEWEST_ROUNDS = 3;

    /** Time in which more than the fewest rounds are made: small models take many rounds until their code is compiled. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Rounds without a gain after which code is taken to be warm. */
    private static final int SETTLED_ROUNDS = 10;

    /** What a round must bring the sum of the best times down to for a gain. */
    private static final double GAIN = 0.95;

    private final DecoderRunner runner;
    private final DecoderStep step;
    private final LongSupplier nanoTime;

    /** @param nanoTime a clock as {@link System#nanoTime} is */
    public PriceMeasure(DecoderRunner runner, DecoderStep step, LongSupplier nanoTime) {
        this.runner = runner;
        this.step = step;
        this.nanoTime = nanoTime;
    }

    /**
     * Runs steps of 1 to {@code mostRows} rows, or as many as there are pages for, again and again; the best time of each counts.
     *
     * @param memory complete
     */
    public StepPrices run(EncoderMemory memory, int mostRows) {
        PageUsage pages = runner.pages();
        long room = Math.min(runner.maxTokens(), (long) pages.free() * pages.pageTokens());
        double[] best = new double[(int) Math.min(mostRows, room)];
        if (best.length == 0) {
            return StepPrices.linear(0, 1);
        }
        Arrays.fill(best, Double.MAX_VALUE);
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        try (DecoderSequence sequence = runner.sequence(List.of(memory))) {
            double reached = Double.MAX_VALUE;
            int settled = 0;
            for (int round = 0; round < FEWEST_ROUNDS || settled < SETTLED_ROUNDS && isBefore(deadline); round++) {
                for (int rows = 1; rows <= best.length; rows++) {
                    best[rows - 1] = Math.min(best[rows - 1], nanoseconds(sequence, rows));
                }
                double sum = Arrays.stream(best).sum();
                settled = sum > GAIN * reached ? settled + 1 : 0;
                reached = settled == 0 ? sum : reached;
            }
        } finally {
            step.clear();
        }
        return StepPrices.of(best);
    }

    private boolean isBefore(long deadline) {
        return nanoTime.getAsLong() - deadline < 0;
    }

    private long nanoseconds(DecoderSequence sequence, int rows) {
        sequence.truncate(0);
        if (!sequence.reserve(rows)) {
            throw new IllegalStateException("the pages for " + rows + " tokens, free a moment ago, are taken");
        }
        int[] tokens = new int[rows];
        Arrays.fill(tokens, runner.startToken());
        long start = nanoTime.getAsLong();
        step.clear();
        step.add(sequence, tokens, 0, rows, new Asked(rows, false));
        runner.run(step);
        // A clock may stand still during a step that takes no time.
        return Math.max(1, nanoTime.getAsLong() - start);
    }
}
