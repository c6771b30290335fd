package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.sampling.Sampler;
import io.tandem.engine.sampling.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes a model through what requests make it do, so that the first one finds code and memory warm: encoder states
 * projected, a prefix forced, tokens chosen greedily and by chance, alone and in a batch.
 *
 * <p>Mutable; confined to the step thread, which uses it once.
 */
final class WarmUp {

    private static final int[] BATCH_SIZES = {1, 4};
    private static final int ENCODER_TOKENS = 32;
    private static final int PREFIX_TOKENS = 8;

    /** Steps a batch runs at least, however slow the model is: the prefix, and a token chosen either way. */
    private static final int FEWEST_STEPS = 3;

    private static final int MOST_STEPS = 64;

    /** What small models may take for each batch size, to run often enough for the compiler to notice. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private static final SamplingParameters BY_CHANCE = new SamplingParameters(1, 0.9f, 50, 0, 0);

    private final DecoderRunner runner;
    private final SchedulerLimits limits;
    private final DecoderStep step;
    private final Sampler sampler;
    private final float[] logits; // [vocabulary]

    WarmUp(DecoderRunner runner, SchedulerLimits limits, DecoderStep step, Sampler sampler) {
        this.runner = runner;
        this.limits = limits;
        this.step = step;
        this.sampler = sampler;
        this.logits = new float[runner.vocabularySize()];
    }

    /** Runs it all and gives everything back. */
    void run() {
        try (EncoderMemory memory = runner.memory(ENCODER_TOKENS)) {
            memory.append(new float[ENCODER_TOKENS * runner.hiddenSize()], ENCODER_TOKENS);
            for (int batch : BATCH_SIZES) {
                run(memory, Math.min(batch, limits.maxBatch()));
            }
        } finally {
            step.clear();
        }
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
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int i = 0; i < MOST_STEPS && (i < FEWEST_STEPS || System.nanoTime() - deadline < 0); i++) {
            int count = i == 0 ? prefix : 1;
            if (!hasRoom(sequences, count)) {
                return;
            }
            step.clear();
            for (int entry = 0; entry < tokens.length; entry++) {
                step.add(sequences.get(entry), tokens[entry], 0, count);
            }
            runner.run(step);
            for (int entry = 0; entry < tokens.length; entry++) {
                tokens[entry][0] = i % 2 == 0 ? step.argmax(entry) : drawn(entry, i);
            }
        }
    }

    private boolean hasRoom(List<DecoderSequence> sequences, int count) {
        boolean room = sequences.getFirst().length() + count <= runner.maxTokens();
        for (int i = 0; room && i < sequences.size(); i++) {
            room = sequences.get(i).reserve(count);
        }
        return room;
    }

    private int drawn(int entry, int position) {
        step.logits(entry, logits);
        return sampler.sample(logits, BY_CHANCE, position);
    }
}
