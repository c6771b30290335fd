package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.sampling.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Takes a model through what requests make it do, so that the first one finds code and memory warm: encoder states
 * projected, a prefix forced, tokens chosen greedily and by chance, alone and, if that didn't take long, in a batch.
 *
 * <p>Mutable; confined to the step thread, which uses it once.
 */
final class WarmUp {

    private static final int[] BATCH_SIZES = {1, 4};
    private static final int ENCODER_TOKENS = 16;
    private static final int PREFIX_TOKENS = 8;

    /** Steps a batch runs at least after its prefix, however slow the model is: a token chosen either way. */
    private static final int FEWEST_STEPS = 2;

    /** Steps a batch runs at most after its prefix, where the model is so small that they take no time. */
    private static final int MOST_STEPS = 64;

    /** Time in which a batch may run more than the fewest steps; the prefix comes before, as cold code makes it slow. */
    private static final Duration PATIENCE = Duration.ofMillis(150);

    /** Time after which no larger batch is begun: where the model is large, or the machine slow, a start doesn't wait for it. */
    private static final Duration BUDGET = Duration.ofSeconds(1);

    private static final SamplingParameters BY_CHANCE = new SamplingParameters(1, 0.9f, 50, 0, 0);

    private final DecoderRunner runner;
    private final SchedulerLimits limits;
    private final DecoderStep step;
    private final Sampler sampler;
    private final LongSupplier nanoTime;
    private final float[] logits; // [vocabulary]

    /** @param nanoTime a clock as {@link System#nanoTime} is */
    WarmUp(DecoderRunner runner, SchedulerLimits limits, DecoderStep step, Sampler sampler, LongSupplier nanoTime) {
        this.runner = runner;
        this.limits = limits;
        this.step = step;
        this.sampler = sampler;
        this.nanoTime = nanoTime;
        this.logits = new float[runner.vocabularySize()];
    }

    /** Runs it, and gives everything back. */
    void run() {
        long start = nanoTime.getAsLong();
        try (EncoderMemory memory = memory(runner)) {
            for (int i = 0; i < BATCH_SIZES.length && nanoTime.getAsLong() - start < BUDGET.toNanos(); i++) {
                run(memory, Math.min(BATCH_SIZES[i], limits.maxBatch()));
            }
        } finally {
            step.clear();
        }
    }

    /** A short segment of nothing, complete. */
    static EncoderMemory memory(DecoderRunner runner) {
        EncoderMemory memory = runner.memory(ENCODER_TOKENS);
        memory.append(new float[ENCODER_TOKENS * runner.hiddenSize()], ENCODER_TOKENS);
        return memory;
    }

    private void run(EncoderMemory memory, int batch) {
        List<DecoderSequence> sequences = new ArrayList<>();
        try {
            for (int i = 0; i < batch; i++) {
                sequences.add(runner.sequence(List.of(memory)));
            }
            write(sequences);
        } finally {
            sequences.forEach(DecoderSequence::close);
        }
    }

    /** Stops early where pages or the model's context are too small for more. */
    private void write(List<DecoderSequence> sequences) {
        int prefix = Math.clamp(limits.stepTokens() / sequences.size(), 1, Math.min(PREFIX_TOKENS, runner.maxTokens()));
        int[][] tokens = new int[sequences.size()][prefix];
        for (int[] start : tokens) {
            Arrays.fill(start, runner.startToken());
        }
        Asked asked = Asked.BEST;
        if (!read(sequences, tokens, prefix, asked)) {
            return;
        }
        long deadline = nanoTime.getAsLong() + PATIENCE.toNanos();
        for (int i = 0; i < MOST_STEPS && (i < FEWEST_STEPS || nanoTime.getAsLong() - deadline < 0); i++) {
            for (int entry = 0; entry < tokens.length; entry++) {
                tokens[entry][0] = asked.distribution() ? drawn(entry, i) : step.argmax(entry, 0);
            }
            asked = asked.distribution() ? Asked.BEST : Asked.DISTRIBUTION;
            if (!read(sequences, tokens, 1, asked)) {
                return;
            }
        }
    }

    /** Runs a step over the first {@code count} tokens of each; false, without a step, if there is no room for them. */
    private boolean read(List<DecoderSequence> sequences, int[][] tokens, int count, Asked asked) {
        if (!hasRoom(sequences, count)) {
            return false;
        }
        step.clear();
        for (int entry = 0; entry < tokens.length; entry++) {
            step.add(sequences.get(entry), tokens[entry], 0, count, asked);
        }
        runner.run(step);
        return true;
    }

    private boolean hasRoom(List<DecoderSequence> sequences, int count) {
        boolean room = sequences.getFirst().length() + count <= runner.maxTokens();
        for (int i = 0; room && i < sequences.size(); i++) {
            room = sequences.get(i).reserve(count);
        }
        return room;
    }

    private int drawn(int entry, int position) {
        step.logits(entry, 0, logits);
        return sampler.sample(logits, BY_CHANCE, position);
    }
}
