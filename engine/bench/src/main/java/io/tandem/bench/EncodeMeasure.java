package io.tandem.bench;

import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import java.util.List;
import java.util.Random;

/** Encodes one text of a given length. */
final class EncodeMeasure {

    private final Engine engine;
    private final Breakdown breakdown;

    EncodeMeasure(Engine engine, Breakdown breakdown) {
        this.engine = engine;
        this.breakdown = breakdown;
    }

    /** Reports and returns tokens a second. */
    double run(int length, Report report) {
        report.progress("Encoding " + length + " tokens");
        try (EncoderRunner encoder = engine.newEncoderRunner()) {
            EncoderInput text = new EncoderInput(tokens(engine, length, length));
            double seconds = Timing.best(3, 3, 1, () -> encoder.encode(List.of(text)));
            report.result("encode", "tokens", length, "tokens_per_second", Report.rounded(length / seconds));
            breakdown.of("encode " + length, () -> encoder.encode(List.of(text)));
            return length / seconds;
        }
    }

    /** Random tokens that are no image tokens. */
    static int[] tokens(Engine engine, int count, long seed) {
        int bound = engine.config().vocabSize();
        return new Random(seed)
                .ints(0, bound)
                .filter(token -> token != engine.config().imageToken())
                .limit(count)
                .toArray();
    }
}
