package io.tandem.engine.golden;

import io.tandem.engine.beams.BeamParameters;
import io.tandem.engine.beams.BeamSearch;
import io.tandem.engine.beams.Hypothesis;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.MemoryForm;
import io.tandem.engine.sampling.Logprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Beam search over a decoder's sequences, for a case with one request: beams fork, and those that don't go on are closed. */
final class BeamGeneration {

    private final EncoderRunner encoder;
    private final DecoderRunner decoder;
    private final MemoryForm form;
    private final GoldenInputs inputs;

    BeamGeneration(EncoderRunner encoder, DecoderRunner decoder, MemoryForm form, GoldenInputs inputs) {
        this.encoder = encoder;
        this.decoder = decoder;
        this.form = form;
        this.inputs = inputs;
    }

    List<Hypothesis> run(BeamParameters parameters, int maxTokens, int... stopTokens) {
        float[] states = encoder.encode(inputs.texts()).getFirst();
        int rows = states.length / encoder.hiddenSize();
        try (EncoderMemory memory = decoder.memory(rows, form)) {
            memory.append(states, rows);
            BeamSearch search = new BeamSearch(parameters, maxTokens, stopTokens);
            DecoderStep step = decoder.newStep();
            List<DecoderSequence> beams = List.of(decoder.sequence(List.of(memory)));
            add(step, beams.getFirst(), inputs.prefix());
            float[] logprobs = new float[decoder.vocabularySize()];
            while (take(step, search, logprobs)) {
                beams = next(search, beams);
                step.clear();
                for (int beam = 0; beam < beams.size(); beam++) {
                    add(step, beams.get(beam), search.token(beam));
                }
            }
            beams.forEach(DecoderSequence::close);
            return search.answers();
        }
    }

    private boolean take(DecoderStep step, BeamSearch search, float... logprobs) {
        decoder.run(step);
        for (int beam = 0; beam < search.running(); beam++) {
            step.logits(beam, 0, logprobs);
            Logprobs.normalise(logprobs);
            search.offer(beam, logprobs);
        }
        return search.advance();
    }

    private static List<DecoderSequence> next(BeamSearch search, List<DecoderSequence> beams) {
        List<DecoderSequence> next = new ArrayList<>();
        for (int beam = 0; beam < search.running(); beam++) {
            next.add(beams.get(search.origin(beam)).fork());
        }
        beams.forEach(DecoderSequence::close);
        return next;
    }

    private static void add(DecoderStep step, DecoderSequence sequence, int... tokens) {
        if (!sequence.reserve(tokens.length)) {
            throw new IllegalStateException("the test has too few pages");
        }
        step.add(sequence, tokens, 0, tokens.length, DecoderStep.Asked.DISTRIBUTION);
    }

    /** Tokens of a row of a golden tensor. */
    static int[] row(int row, int columns, int length, int... tokens) {
        return Arrays.copyOfRange(tokens, row * columns, row * columns + length);
    }
}
