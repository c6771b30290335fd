package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.RandomWeights;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.WeightFormat;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.DecoderSequence;
import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderMemory;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.MemoryForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;

/**
 * Requests of random texts and tokens, each first alone, whole and on one thread, then among others, in random pieces and on one
 * thread or two: states and logits must be the same to the last bit. Chance says in which form each text is kept. Used by one thread.
 */
final class RandomCompany implements AutoCloseable {

    private static final int MOST_TEXT = 90;
    private static final int MOST_TOKENS = 24;
    private static final int PAGE_TOKENS = 4;
    private static final int PAGES = 64;

    private final List<Engine> engines = new ArrayList<>();
    private final List<EncoderRunner> encoders = new ArrayList<>();
    private final List<DecoderRunner> decoders = new ArrayList<>();

    /** A small model with windows that texts and answers exceed, on one thread and on two. */
    RandomCompany(WeightFormat weights) {
        ModelConfig config = ModelConfig.read(GoldenCases.folder("text-sliding"));
        for (int threads = 1; threads <= 2; threads++) {
            Engine engine = Engine.load(
                    RandomWeights.of(config, 7),
                    new CpuOps(threads, weights, Screening.ON),
                    EnumSet.of(Part.ENCODER, Part.DECODER),
                    LoadProgress.SILENT);
            engines.add(engine);
            encoders.add(engine.newEncoderRunner());
            decoders.add(engine.newDecoderRunner(PAGES, PAGE_TOKENS));
        }
    }

    /** The states of a text, and how decoders keep it. */
    private record Text(float[] states, MemoryForm form) {}

    /**
     * A request.
     *
     * @param texts numbers of the texts that it attends to
     * @param tokens its answer so far, start token included
     * @param logits [tokens, vocabulary] when it is alone
     */
    private record Request(int[] texts, int[] tokens, float[][] logits) {}

    /** Checks what this seed stands for; returns a number that stands for the bits of all logits. */
    long check(long seed) {
        Random random = new Random(seed);
        List<EncoderInput> texts = new ArrayList<>();
        List<float[]> states = new ArrayList<>();
        int vocabulary = decoders.getFirst().vocabularySize();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int length = 1 + random.nextInt(MOST_TEXT);
            texts.add(new EncoderInput(random.ints(length, 0, 100).toArray()));
            states.add(encoders.getFirst().encode(List.of(texts.getLast())).getFirst());
        }
        List<Text> kept = states.stream()
                .map(text -> new Text(text, random.nextBoolean() ? MemoryForm.ABSORBED : MemoryForm.PROJECTED))
                .toList();
        int machine = random.nextInt(2);
        checkStates(seed, texts, states, encoders.get(machine), random);
        List<Request> requests = new ArrayList<>();
        long digest = seed;
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            int[] read = random.ints(1 + random.nextInt(2), 0, texts.size()).toArray();
            int[] tokens =
                    random.ints(1 + random.nextInt(MOST_TOKENS), 0, vocabulary).toArray();
            requests.add(alone(read, tokens, kept));
            digest = 31 * digest + Arrays.deepHashCode(requests.getLast().logits);
        }
        together(seed, requests, kept, decoders.get(machine), random);
        return digest;
    }

    private static void checkStates(
            long seed, List<EncoderInput> texts, List<float[]> expected, EncoderRunner encoder, Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        List<float[]> actual = encoder.encode(order.stream().map(texts::get).toList());
        for (int i = 0; i < order.size(); i++) {
            assertArrayEquals(expected.get(order.get(i)), actual.get(i), "states, seed " + seed);
        }
    }

    private Request alone(int[] read, int[] tokens, List<Text> texts) {
        DecoderRunner decoder = decoders.getFirst();
        List<EncoderMemory> memories = memories(decoder, texts, null);
        float[][] logits = new float[tokens.length][decoder.vocabularySize()];
        try (DecoderSequence sequence = sequence(decoder, memories, read)) {
            DecoderStep step = decoder.newStep();
            sequence.reserve(tokens.length);
            step.add(sequence, tokens, 0, tokens.length, new Asked(tokens.length, true));
            decoder.run(step);
            for (int i = 0; i < tokens.length; i++) {
                step.logits(0, i, logits[i]);
            }
        }
        memories.forEach(EncoderMemory::close);
        return new Request(read, tokens, logits);
    }

    private static DecoderSequence sequence(DecoderRunner decoder, List<EncoderMemory> memories, int... read) {
        return decoder.sequence(Arrays.stream(read).mapToObj(memories::get).toList());
    }

    /** Memories of all texts, appended to in random pieces, or at once without {@code random}. */
    private static List<EncoderMemory> memories(DecoderRunner decoder, List<Text> texts, Random random) {
        List<EncoderMemory> memories = new ArrayList<>();
        int width = decoder.hiddenSize();
        for (Text text : texts) {
            int tokens = text.states.length / width;
            EncoderMemory memory = decoder.memory(tokens, text.form);
            for (int from = 0; from < tokens; ) {
                int count = random == null ? tokens : 1 + random.nextInt(tokens - from);
                memory.append(Arrays.copyOfRange(text.states, from * width, (from + count) * width), count);
                from += count;
            }
            memories.add(memory);
        }
        return memories;
    }

    /** Steps of random requests, each with as many of its next tokens as chance will have, some of which are forgotten again. */
    private static void together(
            long seed, List<Request> requests, List<Text> texts, DecoderRunner decoder, Random random) {
        List<EncoderMemory> memories = memories(decoder, texts, random);
        List<DecoderSequence> sequences = new ArrayList<>();
        for (Request request : requests) {
            sequences.add(sequence(decoder, memories, request.texts));
        }
        DecoderStep step = decoder.newStep();
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            open.add(i);
        }
        while (!open.isEmpty()) {
            Collections.shuffle(open, random);
            List<Integer> members = List.copyOf(open.subList(0, 1 + random.nextInt(open.size())));
            runStep(seed, requests, sequences, members, new Stepping(decoder, step, random));
            open.removeIf(i -> sequences.get(i).length() == requests.get(i).tokens.length);
        }
        sequences.forEach(DecoderSequence::close);
        memories.forEach(EncoderMemory::close);
    }

    private record Stepping(DecoderRunner decoder, DecoderStep step, Random random) {}

    private static void runStep(
            long seed,
            List<Request> requests,
            List<DecoderSequence> sequences,
            List<Integer> members,
            Stepping stepping) {
        DecoderStep step = stepping.step;
        Random random = stepping.random;
        boolean distribution = random.nextInt(3) > 0;
        step.clear();
        int[] first = new int[members.size()];
        int[] asked = new int[members.size()];
        for (int entry = 0; entry < first.length; entry++) {
            int[] tokens = requests.get(members.get(entry)).tokens;
            DecoderSequence sequence = sequences.get(members.get(entry));
            int count = 1 + random.nextInt(tokens.length - sequence.length());
            asked[entry] = random.nextInt(1 + count);
            first[entry] = sequence.length() + count - asked[entry];
            sequence.reserve(count);
            step.add(sequence, tokens, sequence.length(), count, new Asked(asked[entry], distribution));
        }
        stepping.decoder.run(step);
        float[] actual = new float[stepping.decoder.vocabularySize()];
        for (int entry = 0; entry < first.length; entry++) {
            float[][] expected = requests.get(members.get(entry)).logits;
            for (int i = 0; i < asked[entry]; i++) {
                float[] logits = expected[first[entry] + i];
                if (distribution) {
                    step.logits(entry, i, actual);
                    assertArrayEquals(logits, actual, "logits, seed " + seed);
                }
                assertEquals(
                        Elementwise.argmax(logits, 0, logits.length), step.argmax(entry, i), "choice, seed " + seed);
            }
            DecoderSequence sequence = sequences.get(members.get(entry));
            if (random.nextInt(4) == 0) {
                sequence.truncate(random.nextInt(1 + sequence.length()));
            }
        }
    }

    @Override
    public void close() {
        encoders.forEach(EncoderRunner::close);
        decoders.forEach(DecoderRunner::close);
        engines.forEach(Engine::close);
    }
}
