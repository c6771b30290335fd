package io.tandem.engine.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One tensor that the reference computed or was given.
 *
 * @param name as in {@code cases.safetensors}
 * @param dtype {@code F32}, {@code I64} or {@code U8}
 * @param shape dimensions, outermost first
 * @param data the elements, little-endian and row-major; lives as long as the JVM wants it
 */
public record GoldenTensor(String name, String dtype, int[] shape, MemorySegment data) {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** All elements of an {@code F32} tensor. */
    public float[] floats() {
        require("F32");
        return data.toArray(FLOAT);
    }

    /** All elements of an {@code I64} tensor, token ids and lengths. */
    public int[] ints() {
        require("I64");
        return Arrays.stream(data.toArray(LONG)).mapToInt(Math::toIntExact).toArray();
    }

    /** All elements of a {@code U8} tensor, pixels. */
    public byte[] bytes() {
        require("U8");
        return data.toArray(ValueLayout.JAVA_BYTE);
    }

    private void require(String expected) {
        if (!dtype.equals(expected)) {
            throw new IllegalStateException("tensor " + name + " is " + dtype + ", not " + expected);
        }
    }
}
