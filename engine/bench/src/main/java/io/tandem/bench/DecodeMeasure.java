package io.tandem.bench;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Generates greedily in a batch, each answer over an encoded text of its own. */
final class DecodeMeasure {

    private static final int ENCODER_TOKENS = 512;
    static final int NEW_TOKENS = 64;
    static final int PAGE_TOKENS = 16;
    private static final int WARM_TOKENS = 8;

    private static final int RUNS = 4;

    private final Engine engine;
    private final Breakdown breakdown;
    private final StepBytes bytes;
    private final DoubleSupplier reads;

    /**
     * @param reads gives what the machine reads at the moment, in 1e9 bytes a second
     */
    DecodeMeasure(Engine engine, Breakdown breakdown, StepBytes bytes, DoubleSupplier reads) {
        this.engine = engine;
        this.breakdown = breakdown;
        this.bytes = bytes;
        this.reads = reads;
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
            double[] seconds = new double[RUNS];
            double[] atOnce = new double[RUNS + 1];
            generate(decoder, step, memories);
            atOnce[0] = reads.getAsDouble();
            for (int run = 0; run < RUNS; run++) {
                seconds[run] = generate(decoder, step, memories);
                atOnce[run + 1] = reads.getAsDouble();
            }
            double tokensPerSecond =
                    batch * NEW_TOKENS / Arrays.stream(seconds).min().orElseThrow();
            long screened = counted(before, "argmax_screened_rows");
            double stepBytes = bytes.of(batch, ENCODER_TOKENS, screened > 0);
            report.result(
                    "decode",
                    "batch",
                    batch,
                    "encoder_tokens",
                    ENCODER_TOKENS,
                    "tokens_per_second",
                    Report.rounded(tokensPerSecond),
                    "step_mb",
                    Report.rounded(stepBytes / 1e6),
                    "read_percent",
                    Report.rounded(readPercent(stepBytes, seconds, atOnce)));
            reportScreen(screened, before, report);
            breakdown.of("decode " + batch, () -> generate(decoder, step, memories));
            memories.forEach(EncoderMemory::close);
            return tokensPerSecond;
        }
    }

    /** Pages that a batch takes. */
    static int pages(int batch) {
        return batch * Math.ceilDiv(WARM_TOKENS + NEW_TOKENS + 1, PAGE_TOKENS);
    }

    /** The median over the runs: bytes that had to be read, beside what the machine could read before and after. */
    private static double readPercent(double stepBytes, double[] seconds, double... atOnce) {
        double[] percents = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            double possible = (atOnce[run] + atOnce[run + 1]) / 2;
            percents[run] = 100 * stepBytes * NEW_TOKENS / seconds[run] / 1e9 / possible;
        }
        Arrays.sort(percents);
        return (percents[RUNS / 2 - 1] + percents[RUNS / 2]) / 2;
    }

    /** What the exact shortcut through the language model head left to compute, where it was taken. */
    private void reportScreen(long screened, Map<String, Long> before, Report report) {
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
