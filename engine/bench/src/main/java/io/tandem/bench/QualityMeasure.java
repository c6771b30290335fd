package io.tandem.bench;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What weights of 8 bits change: the stored weights answer greedily, then the others predict each token of these answers from
 * the tokens before it. Where they predict all of them, their own answer would be the same.
 */
final class QualityMeasure {

    private static final int NEW_TOKENS = 64;
    private static final int PAGE_TOKENS = 16;

    private final Engine stored;
    private final Engine other;
    private int answers;
    private int sameAnswers;
    private int tokens;
    private int sameTokens;
    private double squaredErrors;
    private double squaredLogits;
    private double largestError;

    /** @param other the same model in another format */
    QualityMeasure(Engine stored, Engine other) {
        this.stored = stored;
        this.other = other;
    }

    void run(List<int[]> prompts, Report report) {
        report.progress("Comparing answers");
        for (int[] prompt : prompts) {
            List<float[]> expected = answer(prompt);
            compare(expected, predictions(prompt, expected));
        }
        report.result(
                "quality",
                "answers",
                answers,
                "same_answers",
                sameAnswers,
                "tokens",
                tokens,
                "same_tokens",
                sameTokens,
                "relative_logit_error",
                Math.sqrt(squaredErrors / squaredLogits),
                "largest_logit_error",
                largestError);
    }

    /** Logits of the greedy answer of the stored weights, token by token. */
    private List<float[]> answer(int[] prompt) {
        Set<Integer> stops = Set.copyOf(stored.config().stopTokens());
        List<float[]> logits = new ArrayList<>();
        withSequence(stored, prompt, (decoder, sequence, step) -> {
            int next = decoder.startToken();
            do {
                read(decoder, sequence, step, Asked.DISTRIBUTION, next);
                logits.add(logits(decoder, step, 0));
                next = step.argmax(0, 0);
            } while (logits.size() < NEW_TOKENS && !stops.contains(next));
        });
        return logits;
    }

    /** Logits of the other weights for the same tokens. */
    private List<float[]> predictions(int[] prompt, List<float[]> expected) {
        List<float[]> logits = new ArrayList<>();
        withSequence(other, prompt, (decoder, sequence, step) -> {
            int[] read = new int[expected.size()];
            read[0] = decoder.startToken();
            for (int i = 1; i < read.length; i++) {
                read[i] = indexOfLargest(expected.get(i - 1));
            }
            read(decoder, sequence, step, new Asked(read.length, true), read);
            for (int i = 0; i < read.length; i++) {
                logits.add(logits(decoder, step, i));
            }
        });
        return logits;
    }

    private static void read(
            DecoderRunner decoder, DecoderSequence sequence, DecoderStep step, Asked asked, int... tokens) {
        if (!sequence.reserve(tokens.length)) {
            throw new IllegalStateException("the bench made too few pages");
        }
        step.clear();
        step.add(sequence, tokens, 0, tokens.length, asked);
        decoder.run(step);
    }

    private static float[] logits(DecoderRunner decoder, DecoderStep step, int prediction) {
        float[] logits = new float[decoder.vocabularySize()];
        step.logits(0, prediction, logits);
        return logits;
    }

    @FunctionalInterface
    private interface Decoding {
        void run(DecoderRunner decoder, DecoderSequence sequence, DecoderStep step);
    }

    private static void withSequence(Engine engine, int[] prompt, Decoding decoding) {
        try (EncoderRunner encoder = engine.newEncoderRunner();
                DecoderRunner decoder = engine.newDecoderRunner(NEW_TOKENS / PAGE_TOKENS, PAGE_TOKENS);
                EncoderMemory memory = decoder.memory(prompt.length)) {
            memory.append(encoder.encode(List.of(new EncoderInput(prompt))).getFirst(), prompt.length);
            try (DecoderSequence sequence = decoder.sequence(List.of(memory))) {
                decoding.run(decoder, sequence, decoder.newStep());
            }
        }
    }

    private void compare(List<float[]> expected, List<float[]> actual) {
        int same = 0;
        for (int i = 0; i < expected.size(); i++) {
            same += indexOfLargest(expected.get(i)) == indexOfLargest(actual.get(i)) ? 1 : 0;
            for (int token = 0; token < expected.get(i).length; token++) {
                double error = actual.get(i)[token] - expected.get(i)[token];
                squaredErrors += error * error;
                squaredLogits += (double) expected.get(i)[token] * expected.get(i)[token];
                largestError = Math.max(largestError, Math.abs(error));
            }
        }
        answers++;
        tokens += expected.size();
        sameTokens += same;
        sameAnswers += same == expected.size() ? 1 : 0;
    }

    private static int indexOfLargest(float... values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
