package io.tandem.bench;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Generates greedily in a batch, each answer over an encoded text of its own. */
final class DecodeMeasure {

    private static final int ENCODER_TOKENS = 512;
    static final int NEW_TOKENS = 64;
    static final int PAGE_TOKENS = 16;
    private static final int WARM_TOKENS = 8;

    private final Engine engine;
    private final Breakdown breakdown;

    DecodeMeasure(Engine engine, Breakdown breakdown) {
        this.engine = engine;
        this.breakdown = breakdown;
    }

    /** Reports and returns tokens a second of all sequences together. */
    double run(int batch, Report report) {
        report.progress("Decoding with batch " + batch);
        int pages = pages(batch);
        try (EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner decoder = engine.newDecoderRunner(pages, PAGE_TOKENS)) {
            List<EncoderMemory> memories = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                memories.add(memory(encoder, decoder, i));
            }
            DecoderStep step = decoder.newStep();
            Map<String, Long> before = engine.counters();
            double best = Double.MAX_VALUE;
            for (int run = 0; run < 4; run++) {
                best = Math.min(best, generate(decoder, step, memories));
            }
            report.result(
                    "decode",
                    "batch",
                    batch,
                    "encoder_tokens",
                    ENCODER_TOKENS,
                    "tokens_per_second",
                    Report.rounded(batch * NEW_TOKENS / best));
            reportScreen(before, report);
            breakdown.of("decode " + batch, () -> generate(decoder, step, memories));
            memories.forEach(EncoderMemory::close);
            return batch * NEW_TOKENS / best;
        }
    }

    /** Pages that a batch takes. */
    static int pages(int batch) {
        return batch * Math.ceilDiv(WARM_TOKENS + NEW_TOKENS + 1, PAGE_TOKENS);
    }

    /** What the exact shortcut through the language model head left to compute, where it was taken. */
    private void reportScreen(Map<String, Long> before, Report report) {
        long screened = counted(before, "argmax_screened_rows");
        if (screened > 0) {
            report.result(
                    "head",
                    "screened_rows",
                    screened,
                    "computed_outputs_per_row",
                    Report.rounded((double) counted(before, "argmax_computed_outputs") / screened),
                    "rows_in_vain",
                    counted(before, "argmax_rows_in_vain"));
        }
    }

    private long counted(Map<String, Long> before, String counter) {
        return engine.counters().getOrDefault(counter, 0L) - before.getOrDefault(counter, 0L);
    }

    private EncoderMemory memory(EncoderRunner encoder, DecoderRunner decoder, int seed) {
        EncoderInput text = new EncoderInput(EncodeMeasure.tokens(engine, ENCODER_TOKENS, seed));
        EncoderMemory memory = decoder.memory(ENCODER_TOKENS);
        memory.append(encoder.encode(List.of(text)).getFirst(), ENCODER_TOKENS);
        return memory;
    }

    /** Seconds for the tokens after the first ones. */
    static double generate(DecoderRunner decoder, DecoderStep step, List<EncoderMemory> memories) {
        List<DecoderSequence> sequences = new ArrayList<>();
        int[] next = new int[memories.size()];
        for (int i = 0; i < next.length; i++) {
            sequences.add(decoder.sequence(List.of(memories.get(i))));
            next[i] = decoder.startToken();
        }
        long start = 0;
        for (int token = 0; token < WARM_TOKENS + NEW_TOKENS; token++) {
            if (token == WARM_TOKENS) {
                start = System.nanoTime();
            }
            step.clear();
            for (int i = 0; i < next.length; i++) {
                if (!sequences.get(i).reserve(1)) {
                    throw new IllegalStateException("the bench made too few pages");
                }
                step.add(sequences.get(i), next, i, 1, DecoderStep.Asked.BEST);
            }
            decoder.run(step);
            for (int i = 0; i < next.length; i++) {
                next[i] = step.argmax(i, 0);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        sequences.forEach(DecoderSequence::close);
        return seconds;
    }
}
