package io.tandem.engine.checkpoint;

import io.tandem.engine.config.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Made-up bfloat16 weights of any model, for measuring speed without a download; read by any thread until its owner closes it.
 * A tensor is made when it is asked for and kept off the heap, 2 bytes a parameter, until it is released.
 *
 * <p>Values are uniform, scaled so that states and logits stay of order 1 through all layers. They depend on seed and
 * tensor name alone, not on the machine or its number of processors.
 */
public final class RandomWeights implements WeightSource {

    private static final ValueLayout.OfLong FOUR_NUMBERS =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort NUMBER =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Numbers that one random long gives: 12 bits choose each. */
    private static final int NUMBERS_PER_LONG = 4;

    private static final int CHOICES = 1 << 12;
    private static final long NUMBERS_PER_TASK = 1 << 20;

    /** The increment of SplitMix64, the golden ratio in 64 bits. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final ModelConfig config;
    private final SequencedMap<String, int[]> shapes;
    private final long seed;
    private final Map<String, Made> made = new ConcurrentHashMap<>();

    /** A tensor with the arena that holds it alone. */
    private record Made(StoredTensor tensor, Arena arena) {}

    private RandomWeights(ModelConfig config, long seed) {
        this.config = config;
        this.shapes = TensorNames.shapes(config);
        this.seed = seed;
    }

    /** Weights that depend on {@code seed}; none is made yet. */
    public static RandomWeights of(ModelConfig config, long seed) {
        return new RandomWeights(config, seed);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public StoredTensor tensor(String canonicalName) {
        if (!shapes.containsKey(canonicalName)) {
            throw new IllegalArgumentException("the model has no tensor " + canonicalName);
        }
        return made.computeIfAbsent(canonicalName, name -> make(name, shapes.get(name)))
                .tensor();
    }

    /** Gives the tensor's memory back; it is made again if somebody asks for it. */
    @Override
    public void release(String canonicalName) {
        Made released = made.remove(canonicalName);
        if (released != null) {
            released.arena().close();
        }
    }

    @Override
    public String fingerprint() {
        return Fingerprint.of("random", config.toString(), Long.toString(seed));
    }

    @Override
    public void close() {
        shapes.keySet().forEach(this::release);
    }

    /** Fills a tensor on all processors. */
    private Made make(String name, int... shape) {
        long elements = 1;
        for (int dimension : shape) {
            elements *= dimension;
        }
        long count = elements;
        Arena arena = Arena.ofShared();
        MemorySegment data = arena.allocate(count * Short.BYTES, Long.BYTES);
        short[] choices = choices(mean(name), deviation(name, shape));
        long stream = streamOf(name);
        LongStream.range(0, Math.ceilDiv(count, NUMBERS_PER_TASK))
                .parallel()
                .map(task -> task * NUMBERS_PER_TASK)
                .forEach(from -> fill(data, from, Math.min(count, from + NUMBERS_PER_TASK), choices, stream));
        return new Made(new StoredTensor(name, DType.BF16, shape, data), arena);
    }

    private static void fill(MemorySegment data, long from, long to, short[] choices, long stream) {
        long position = from;
        for (; position + NUMBERS_PER_LONG <= to; position += NUMBERS_PER_LONG) {
            data.set(FOUR_NUMBERS, position * Short.BYTES, fourNumbers(choices, stream, position));
        }
        if (position < to) {
            long last = fourNumbers(choices, stream, position);
            for (; position < to; position++) {
                data.set(NUMBER, position * Short.BYTES, (short) last);
                last >>>= Short.SIZE;
            }
        }
    }

    private static long fourNumbers(short[] choices, long stream, long position) {
        long random = mix(stream + position * GOLDEN);
        long numbers = 0;
        for (int i = 0; i < NUMBERS_PER_LONG; i++) {
            numbers = numbers << Short.SIZE | Short.toUnsignedLong(choices[(int) random & CHOICES - 1]);
            random >>>= Short.SIZE;
        }
        return numbers;
    }

    /** The finalizer of SplitMix64: every bit of the input changes half of the output's. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    private long streamOf(String name) {
        long stream = mix(seed + GOLDEN);
        for (int i = 0; i < name.length(); i++) {
            stream = mix(stream + name.charAt(i) + GOLDEN);
        }
        return stream;
    }

    /** The bfloat16 bits of {@link #CHOICES} numbers, evenly spaced. */
    private static short[] choices(double mean, double deviation) {
        double reach = Math.sqrt(3) * deviation;
        short[] choices = new short[CHOICES];
        for (int i = 0; i < CHOICES; i++) {
            float value = (float) (mean + reach * (2 * (i + 0.5) / CHOICES - 1));
            choices[i] = (short) (Float.floatToIntBits(value) >>> Short.SIZE);
        }
        return choices;
    }

    /** SigLIP's LayerNorm multiplies by its weight as it is stored, RMSNorm by 1 more. */
    private static double mean(String name) {
        return name.startsWith("vision.") && name.contains("norm") && name.endsWith(".weight") ? 1 : 0;
    }

    private static double deviation(String name, int[] shape) {
        if (shape.length == 1) {
            return 0.1;
        }
        long inputs = 1;
        for (int i = 1; i < shape.length; i++) {
            inputs *= shape[i];
        }
        return 1 / Math.sqrt(name.equals(TensorNames.PROJECTION) ? shape[0] : inputs);
    }
}
