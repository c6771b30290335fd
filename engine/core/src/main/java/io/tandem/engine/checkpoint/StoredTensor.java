package io.tandem.engine.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A weight as it is stored, little-endian and row-major; reading it widens exactly.
 *
 * @param name canonical name, see {@link TensorNames}
 * @param dtype format of the elements
 * @param shape dimensions, outermost first; not to be written to
 * @param data the elements, {@code dtype.byteSize()} bytes each; belongs to the {@link WeightSource} and dies with it;
 *     not necessarily aligned
 */
public record StoredTensor(String name, DType dtype, int[] shape, MemorySegment data) {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** @throws IllegalArgumentException when the data is not as long as shape and dtype say */
    public StoredTensor {
        long expected = elementsOf(shape) * dtype.byteSize();
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException("tensor %s: shape %s of %s takes %d bytes, data has %d"
                    .formatted(name, Arrays.toString(shape), dtype, expected, data.byteSize()));
        }
    }

    /** How many numbers the tensor has. */
    public long elements() {
        return elementsOf(shape);
    }

    /**
     * All elements, widened to floats.
     *
     * @throws IllegalArgumentException when there are more than an array can hold
     */
    public float[] toFloats() {
        if (elements() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("tensor %s has %d elements, more than one array holds; copy it in parts"
                    .formatted(name, elements()));
        }
        float[] floats = new float[(int) elements()];
        copyTo(floats);
        return floats;
    }

    /**
     * Copies the whole tensor, widened.
     *
     * @param destination at least as long as the tensor has elements
     */
    public void copyTo(float[] destination) {
        copyTo(0, destination, 0, Math.toIntExact(elements()));
    }

    /**
     * Copies a run of elements, widened.
     *
     * @param from first element
     * @param destination where they go
     * @param offset index in the destination of the first
     * @param count how many
     * @throws IndexOutOfBoundsException when the tensor or the destination is shorter than that
     */
    public void copyTo(long from, float[] destination, int offset, int count) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(data, FLOAT, from * Float.BYTES, destination, offset, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] = Float.float16ToFloat(data.get(SHORT, (from + i) * Short.BYTES));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    destination[offset + i] = Float.intBitsToFloat(data.get(SHORT, (from + i) * Short.BYTES) << 16);
                }
            }
        }
    }

    private static long elementsOf(int[] shape) {
        long elements = 1;
        for (int dimension : shape) {
            elements = Math.multiplyExact(elements, (long) dimension);
        }
        return elements;
    }
}
