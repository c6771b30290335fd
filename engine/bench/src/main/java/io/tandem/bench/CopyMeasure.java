package io.tandem.bench;

import io.tandem.bench.LookupLoop.Answer;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.speculation.PriceMeasure;
import io.tandem.engine.speculation.StepPrices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Generates answers that copy what was read, with and without prompt lookup: same tokens, fewer steps. */
final class CopyMeasure {

    private static final Set<String> COPYING_TASKS = Set.of("repeat", "emails", "names");
    private static final int MAX_GUESS = 8;
    private static final int ENCODER_TOKENS = 512;
    private static final int NEW_TOKENS = 64;
    private static final int PAGE_TOKENS = 16;

    private final Engine engine;

    CopyMeasure(Engine engine) {
        this.engine = engine;
    }

    /**
     * A question to be answered.
     *
     * @param source tokens to guess from
     */
    private record Question(List<EncoderMemory> memories, int[] source) {}

    /**
     * An answer that is copied as a whole, on any weights: what lookup can bring at most. The model's own answer to a random text is
     * put in the middle of what is guessed from.
     */
    void whole(Report report) {
        report.progress("Decoding a whole copy");
        int[] text = EncodeMeasure.tokens(engine, ENCODER_TOKENS, 0);
        try (EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner decoder = decoder();
                EncoderMemory memory = memory(encoder, decoder, text)) {
            StepPrices prices = prices(decoder, memory);
            report.result(
                    "guesses",
                    "step_prices",
                    IntStream.rangeClosed(1, prices.mostRows())
                            .mapToObj(rows -> Report.rounded(prices.step(rows)))
                            .toList());
            LookupLoop loop = new LookupLoop(decoder, prices);
            int[] answer =
                    loop.run(List.of(memory), text, false, Set.of(), NEW_TOKENS).tokens();
            int[] source = text.clone();
            System.arraycopy(answer, 0, source, ENCODER_TOKENS / 2, answer.length);
            compare(loop, List.of(new Question(List.of(memory), source)), Set.of(), "whole", report);
        }
    }

    /**
     * The copying questions of an evaluation set.
     *
     * @param model the checkpoint's folder, for its tokenizer
     * @param cases one JSON object a line, as the demo checkpoint's set has them
     */
    void cases(Path model, Path cases, Report report) {
        report.progress("Decoding copying answers");
        List<EncoderMemory> memories = new ArrayList<>();
        try (EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner decoder = decoder()) {
            List<Question> questions = new ArrayList<>();
            for (int[] prompt : EvaluationPrompts.read(model, cases, COPYING_TASKS::contains)) {
                memories.add(memory(encoder, decoder, prompt));
                questions.add(new Question(List.of(memories.getLast()), prompt));
            }
            compare(
                    new LookupLoop(decoder, prices(decoder, memories.getFirst())),
                    questions,
                    Set.copyOf(engine.config().stopTokens()),
                    "cases",
                    report);
        } finally {
            memories.forEach(EncoderMemory::close);
        }
    }

    private static void compare(
            LookupLoop loop, List<Question> questions, Set<Integer> stops, String kind, Report report) {
        int tokens = 0;
        int steps = 0;
        int proposed = 0;
        int accepted = 0;
        for (Question question : questions) {
            Answer plain = loop.run(question.memories(), question.source(), false, stops, NEW_TOKENS);
            Answer looked = loop.run(question.memories(), question.source(), true, stops, NEW_TOKENS);
            if (!Arrays.equals(plain.tokens(), looked.tokens())) {
                throw new IllegalStateException("guesses changed an answer: " + Arrays.toString(plain.tokens())
                        + " became " + Arrays.toString(looked.tokens()));
            }
            tokens += looked.tokens().length;
            steps += looked.steps();
            proposed += looked.proposed();
            accepted += looked.accepted();
        }
        double without = seconds(loop, questions, stops, false);
        double with = seconds(loop, questions, stops, true);
        report.result(
                "copy",
                "kind",
                kind,
                "answers",
                questions.size(),
                "tokens",
                tokens,
                "steps",
                steps,
                "proposed",
                proposed,
                "accepted",
                accepted,
                "tokens_per_second_without",
                Report.rounded(tokens / without),
                "tokens_per_second",
                Report.rounded(tokens / with),
                "speedup",
                Report.rounded(without / with));
    }

    private static double seconds(LookupLoop loop, List<Question> questions, Set<Integer> stops, boolean guessing) {
        return Timing.best(1, 5, 1, () -> {
            for (Question question : questions) {
                loop.run(question.memories(), question.source(), guessing, stops, NEW_TOKENS);
            }
        });
    }

    private static StepPrices prices(DecoderRunner decoder, EncoderMemory memory) {
        PriceMeasure measure = new PriceMeasure(decoder, decoder.newStep(), memory, 1 + MAX_GUESS, System::nanoTime);
        while (!measure.done()) {
            measure.measure();
        }
        return measure.prices();
    }

    private DecoderRunner decoder() {
        return engine.newDecoderRunner(Math.ceilDiv(NEW_TOKENS, PAGE_TOKENS), PAGE_TOKENS);
    }

    private static EncoderMemory memory(EncoderRunner encoder, DecoderRunner decoder, int[] text) {
        EncoderMemory memory = decoder.memory(text.length);
        memory.append(encoder.encode(List.of(new EncoderInput(text))).getFirst(), text.length);
        return memory;
    }
}
