package io.tandem.engine.golden;

import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.MemoryForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Generates greedily for all requests of a case in one batch that answers leave as they end. */
final class GreedyGeneration implements AutoCloseable {

    /** Tokens of one answer, the stop token included, and the logits that each was taken from. */
    record Answer(List<Integer> tokens, List<float[]> logits) {}

    private final DecoderRunner decoder;
    private final List<EncoderMemory> memories = new ArrayList<>();
    private final GoldenInputs inputs;

    GreedyGeneration(EncoderRunner encoder, DecoderRunner decoder, MemoryForm form, GoldenInputs inputs) {
        this.decoder = decoder;
        this.inputs = inputs;
        List<float[]> states = encoder.encode(inputs.texts());
        for (float[] values : states) {
            int rows = values.length / encoder.hiddenSize();
            EncoderMemory memory = decoder.memory(rows, form);
            memory.append(values, rows);
            memories.add(memory);
        }
    }

    /** @param chunk tokens of the prefix that go into one step, at most */
    List<Answer> run(int maxTokens, Set<Integer> stopTokens, int chunk) {
        return run(maxTokens, stopTokens, chunk, DecoderStep.Asked.DISTRIBUTION);
    }

    /** @param asked with distributions, or the answers have no logits */
    List<Answer> run(int maxTokens, Set<Integer> stopTokens, int chunk, DecoderStep.Asked asked) {
        List<Answer> answers = new ArrayList<>();
        List<DecoderSequence> sequences = new ArrayList<>();
        for (int[] request : inputs.requests()) {
            List<EncoderMemory> read = new ArrayList<>();
            for (int text : request) {
                read.add(memories.get(text));
            }
            sequences.add(decoder.sequence(read));
            answers.add(new Answer(new ArrayList<>(), new ArrayList<>()));
        }
        DecoderStep step = decoder.newStep();
        int[] prefix = inputs.prefix();
        int first = 0;
        while (first + chunk < prefix.length) {
            step.clear();
            for (DecoderSequence sequence : sequences) {
                add(step, sequence, prefix, first, chunk, asked);
            }
            decoder.run(step);
            first += chunk;
        }
        List<Integer> live = new ArrayList<>();
        step.clear();
        for (int i = 0; i < sequences.size(); i++) {
            add(step, sequences.get(i), prefix, first, prefix.length - first, asked);
            live.add(i);
        }
        while (!live.isEmpty()) {
            decoder.run(step);
            for (int entry = 0; entry < live.size(); entry++) {
                Answer answer = answers.get(live.get(entry));
                if (asked.distribution()) {
                    float[] logits = new float[decoder.vocabularySize()];
                    step.logits(entry, 0, logits);
                    answer.logits().add(logits);
                }
                answer.tokens().add(step.argmax(entry, 0));
            }
            live.removeIf(i -> answers.get(i).tokens().size() == maxTokens
                    || stopTokens.contains(answers.get(i).tokens().getLast()));
            step.clear();
            for (int i : live) {
                add(step, sequences.get(i), new int[] {answers.get(i).tokens().getLast()}, 0, 1, asked);
            }
        }
        sequences.forEach(DecoderSequence::close);
        return answers;
    }

    private static void add(
            DecoderStep step, DecoderSequence sequence, int[] tokens, int offset, int count, DecoderStep.Asked asked) {
        if (!sequence.reserve(count)) {
            throw new IllegalStateException("the test has too few pages");
        }
        step.add(sequence, tokens, offset, count, asked);
    }

    @Override
    public void close() {
        memories.forEach(EncoderMemory::close);
    }
}
