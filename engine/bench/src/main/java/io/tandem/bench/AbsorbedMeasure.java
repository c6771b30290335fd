package io.tandem.bench;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.MemoryForm;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Generates greedily over one document that a whole batch shares, in each form that a decoder can keep it in. */
final class AbsorbedMeasure {

    /** Tokens that are encoded; a longer document has their states again and again, which takes a decoder as long. */
    private static final int ENCODED_TOKENS = 512;

    private static final int RUNS = 3;

    private final Engine engine;
    private final Breakdown breakdown;

    AbsorbedMeasure(Engine engine, Breakdown breakdown) {
        this.engine = engine;
        this.breakdown = breakdown;
    }

    /**
     * Reports tokens a second of all sequences together and the document's bytes a token.
     *
     * @param tokens of the document
     */
    void run(int tokens, List<Integer> batches, Report report) {
        float[] states; // [ENCODED_TOKENS, hiddenSize]
        try (EncoderRunner encoder = engine.newEncoderRunner()) {
            EncoderInput text = new EncoderInput(EncodeMeasure.tokens(engine, ENCODED_TOKENS, 0));
            states = encoder.encode(List.of(text)).getFirst();
        }
        for (MemoryForm form : MemoryForm.values()) {
            for (int batch : batches) {
                report.progress("Decoding over " + tokens + " tokens, " + label(form) + ", batch " + batch);
                try (DecoderRunner decoder =
                                engine.newDecoderRunner(DecodeMeasure.pages(batch), DecodeMeasure.PAGE_TOKENS);
                        EncoderMemory memory = decoder.memory(tokens, form)) {
                    measure(form, batch, fill(memory, states), decoder, memory, report);
                }
            }
        }
    }

    private static String label(MemoryForm form) {
        return form.name().toLowerCase(Locale.ROOT);
    }

    /** Seconds that it takes to make a memory of states. */
    private static double fill(EncoderMemory memory, float[] states) {
        long start = System.nanoTime();
        for (int left = memory.tokens(); left > 0; left -= ENCODED_TOKENS) {
            memory.append(states, Math.min(left, ENCODED_TOKENS));
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void measure(
            MemoryForm form,
            int batch,
            double fillSeconds,
            DecoderRunner decoder,
            EncoderMemory memory,
            Report report) {
        List<EncoderMemory> shared = Collections.nCopies(batch, memory);
        DecoderStep step = decoder.newStep();
        double best = Double.MAX_VALUE;
        for (int run = 0; run < RUNS; run++) {
            best = Math.min(best, DecodeMeasure.generate(decoder, step, shared));
        }
        report.result(
                "document",
                "form",
                label(form),
                "encoder_tokens",
                memory.tokens(),
                "batch",
                batch,
                "tokens_per_second",
                Report.rounded(batch * DecodeMeasure.NEW_TOKENS / best),
                "bytes_per_token",
                memory.bytes() / memory.tokens(),
                "fill_seconds",
                Report.rounded(fillSeconds));
        breakdown.of(
                "document " + label(form) + " " + memory.tokens() + " " + batch,
                () -> DecodeMeasure.generate(decoder, step, shared));
    }
}
