package io.tandem.engine.slept;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.MemoryForm;
import io.tandem.engine.runner.VisionRunner;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SleptOpsTest {

    private static final int TOKENS = 12;

    private final AtomicInteger sleeps = new AtomicInteger();
    private Engine engine;
    private EncoderRunner encoder;
    private DecoderRunner decoder;

    @BeforeEach
    void load() {
        Pace pace = new Pace(1, () -> sleeps.get(), wanted -> sleeps.incrementAndGet());
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("multimodal"))) {
            engine = Engine.load(checkpoint, new SleptOps(pace), EnumSet.allOf(Part.class), LoadProgress.SILENT);
        }
        encoder = engine.newEncoderRunner();
        decoder = engine.newDecoderRunner(64, 4);
    }

    @AfterEach
    void close() {
        decoder.close();
        encoder.close();
        engine.close();
    }

    @Test
    void itIsFoundByItsName() {
        assertTrue(Backends.names().contains("slept"), Backends.names().toString());
        assertEquals("slept", engine.backend());
        assertEquals("slept", engine.numerics());
    }

    @Test
    void answersAreTheSameInAnyCompanyAndForm() {
        for (MemoryForm form : MemoryForm.values()) {
            try (EncoderMemory first = memory(form, 10, 11, 12);
                    EncoderMemory second = memory(form, 20, 21)) {
                List<Integer> alone = answers(List.of(List.of(first))).getFirst();
                List<List<Integer>> together =
                        answers(List.of(List.of(second, first), List.of(first), List.of(first, second)));
                assertEquals(alone, together.get(1));
                assertEquals(3, together.stream().distinct().count(), "what was read, and in which order, decides");
            }
        }
    }

    @Test
    void oneTokenThatWasReadWronglyChangesTheAnswer() {
        try (EncoderMemory right = memory(MemoryForm.PROJECTED, 10, 11, 12);
                EncoderMemory wrong = memory(MemoryForm.PROJECTED, 10, 13, 12)) {
            assertNotEquals(answers(List.of(List.of(right))), answers(List.of(List.of(wrong))));
        }
    }

    @Test
    void decoderStepsSleepWhateverTheirBatchAndReadingDoesNot() {
        try (EncoderMemory memory = memory(MemoryForm.PROJECTED, 10, 11, 12);
                VisionRunner vision = engine.newVisionRunner()) {
            int side = vision.imageSize();
            assertEquals(1, vision.encode(new float[][] {new float[3 * side * side]}).length);
            assertEquals(0, sleeps.get());
            answers(List.of(List.of(memory)));
            assertEquals(TOKENS, sleeps.get());
            answers(List.of(List.of(memory), List.of(memory), List.of(memory)));
            assertEquals(2 * TOKENS, sleeps.get());
        }
    }

    private EncoderMemory memory(MemoryForm form, int... tokens) {
        float[] states = encoder.encode(List.of(new EncoderInput(tokens))).getFirst(); // [tokens, hiddenSize]
        EncoderMemory memory = decoder.memory(tokens.length, form);
        memory.append(states, tokens.length);
        return memory;
    }

    private List<List<Integer>> answers(List<List<EncoderMemory>> read) {
        List<DecoderSequence> sequences = read.stream().map(decoder::sequence).toList();
        List<List<Integer>> answers = new ArrayList<>();
        read.forEach(memories -> answers.add(new ArrayList<>(List.of(decoder.startToken()))));
        DecoderStep step = decoder.newStep();
        for (int i = 0; i < TOKENS; i++) {
            step.clear();
            for (int s = 0; s < sequences.size(); s++) {
                assertTrue(sequences.get(s).reserve(1));
                step.add(sequences.get(s), new int[] {answers.get(s).getLast()}, 0, 1, Asked.BEST);
            }
            decoder.run(step);
            for (int s = 0; s < sequences.size(); s++) {
                answers.get(s).add(step.argmax(s, 0));
            }
        }
        sequences.forEach(DecoderSequence::close);
        return answers;
    }
}
