package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class StoredTensorTest {

    private static final float[] VALUES = {0, -1, 1.5f, 3, -0.25f, 96};

    @ParameterizedTest
    @EnumSource
    void widensEveryDtype(DType dtype) {
        StoredTensor tensor = tensor(dtype);
        assertArrayEquals(VALUES, tensor.toFloats());
        float[] part = new float[4];
        tensor.copyTo(2, part, 1, 3);
        assertArrayEquals(new float[] {0, 1.5f, 3, -0.25f}, part);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.copyTo(4, part, 0, 3));
    }

    @Test
    void refusesDataOfAnotherLength() {
        MemorySegment data = MemorySegment.ofArray(new byte[10]);
        assertThrows(IllegalArgumentException.class, () -> new StoredTensor("a", DType.F32, new int[] {2}, data));
    }

    /** Bits of the single, and of the bfloat16 nearest to it. */
    @ParameterizedTest
    @CsvSource({
        "3f800000, 3f80",
        "3f807fff, 3f80",
        "3f808000, 3f80",
        "3f808001, 3f81",
        "3f818000, 3f82",
        "bf818000, bf82",
        "7f7fffff, 7f80",
        "ff800000, ff80",
        "7fc00000, 7fc0"
    })
    void roundsToTheNearestEven(String single, String expected) {
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(single, 16));
        assertEquals((short) Integer.parseInt(expected, 16), DType.bfloat16(value));
    }

    /** At an odd address, as a file may have it. */
    private static StoredTensor tensor(DType dtype) {
        ByteBuffer bytes = ByteBuffer.allocate(1 + VALUES.length * dtype.byteSize())
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(1);
        for (float value : VALUES) {
            switch (dtype) {
                case F32 -> bytes.putFloat(value);
                case F16 -> bytes.putShort(Float.floatToFloat16(value));
                case BF16 -> bytes.putShort(DType.bfloat16(value));
            }
        }
        MemorySegment data = MemorySegment.ofArray(bytes.array()).asSlice(1);
        return new StoredTensor("a", dtype, new int[] {2, 3}, data);
    }
}
