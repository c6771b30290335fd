package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import io.tandem.engine.ops.WeightFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The promise on sums: one chain of fused multiply-adds over the inputs in their order, bit for bit. */
class MatrixProductTest {

    private static final int[] ROWS = {1, 2, 3, 4, 5, 8, 9, 31, 70, 1030};

    @Test
    void everySumIsOneChainInTheOrderOfTheInputs() {
        for (DType dtype : DType.values()) {
            for (int threads = 1; threads <= 3; threads++) {
                try (Ops ops = new CpuOps(threads)) {
                    for (int rows : ROWS) {
                        checkChains(ops, dtype, rows, rows > 100 ? 70 : 130, 300);
                    }
                    checkChains(ops, dtype, 5, 1, 1);
                    checkChains(ops, dtype, 12, 65, 1100);
                }
            }
        }
    }

    @Test
    void sumsOfInt8WeightsAreChainsTooAndScaledOnce() {
        for (int threads = 1; threads <= 2; threads++) {
            try (Ops ops = new CpuOps(threads, WeightFormat.INT8, Screening.AUTO)) {
                for (int rows : ROWS) {
                    checkInt8Chains(ops, rows, 130, rows > 100 ? 70 : 300);
                }
                checkInt8Chains(ops, 3, 1, 1);
                checkInt8Chains(ops, 12, 65, 1100);
            }
        }
    }

    private static void checkInt8Chains(Ops ops, int rows, int outputs, int inputs) {
        Random random = new Random(rows);
        float[] x = normal(random, rows * inputs);
        float[] w = rounded(normal(random, outputs * inputs), DType.BF16);
        float[] scales = new float[outputs];
        float[] whole = quantised(w, scales);
        float[] expected = chains(x, whole, rows, outputs);
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= scales[i % outputs];
        }
        assertArrayEquals(expected, product(ops, DType.BF16, x, w, rows), rows + " rows of int8");
    }

    /** Whole numbers from -127 to 127 for rows of weights; {@code scales} gets one factor a row. */
    private static float[] quantised(float[] weights, float... scales) {
        int inputs = weights.length / scales.length;
        float[] whole = new float[weights.length];
        for (int output = 0; output < scales.length; output++) {
            float largest = 0;
            for (int i = output * inputs; i < (output + 1) * inputs; i++) {
                largest = Math.max(largest, Math.abs(weights[i]));
            }
            scales[output] = largest / 127;
            for (int i = output * inputs; i < (output + 1) * inputs; i++) {
                whole[i] = (float) Math.rint(weights[i] * (1.0 / scales[output]));
            }
        }
        return whole;
    }

    private static void checkChains(Ops ops, DType dtype, int rows, int outputs, int inputs) {
        Random random = new Random(rows);
        float[] x = normal(random, rows * inputs);
        float[] w = rounded(normal(random, outputs * inputs), dtype);
        float[] expected = chains(x, w, rows, outputs);
        assertArrayEquals(expected, product(ops, dtype, x, w, rows), rows + " rows of " + dtype);
    }

    private static float[] chains(float[] x, float[] w, int rows, int outputs) {
        int inputs = x.length / rows;
        float[] expected = new float[rows * outputs];
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < outputs; output++) {
                float sum = 0;
                for (int i = 0; i < inputs; i++) {
                    sum = Math.fma(x[row * inputs + i], w[output * inputs + i], sum);
                }
                expected[row * outputs + output] = sum;
            }
        }
        return expected;
    }

    private static float[] product(Ops ops, DType dtype, float[] x, float[] w, int rows) {
        int inputs = x.length / rows;
        int outputs = w.length / inputs;
        try (Arena arena = Arena.ofConfined();
                Weight weight = ops.weight(stored(arena, dtype, outputs, w));
                Tensor from = ops.tensor(rows, inputs);
                Tensor to = ops.tensor(rows, outputs)) {
            ops.write(from, 0, x, 0, rows);
            ops.matmul(from, weight, Epilogue.NONE, to);
            float[] actual = new float[rows * outputs];
            ops.read(to, 0, actual, 0, rows);
            return actual;
        }
    }

    private static float[] normal(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] rounded(float[] values, DType dtype) {
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case F32 -> values[i];
                case F16 -> Float.float16ToFloat(Float.floatToFloat16(values[i]));
                case BF16 -> Float.intBitsToFloat(Float.floatToIntBits(values[i]) & 0xFFFF0000);
            };
        }
        return values;
    }

    private static StoredTensor stored(Arena arena, DType dtype, int outputs, float... values) {
        MemorySegment data = arena.allocate((long) values.length * dtype.byteSize());
        for (int i = 0; i < values.length; i++) {
            switch (dtype) {
                case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, values[i]);
                case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, Float.floatToFloat16(values[i]));
                case BF16 ->
                    data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, (short)
                            (Float.floatToIntBits(values[i]) >>> Short.SIZE));
            }
        }
        return new StoredTensor("w", dtype, new int[] {outputs, values.length / outputs}, data);
    }

    @Test
    void refusesShapesThatDoNotFit() {
        try (Ops ops = new CpuOps(1);
                Arena arena = Arena.ofConfined();
                Weight weight = ops.weight(stored(arena, DType.F32, 4, new float[12]));
                Tensor x = ops.tensor(2, 3);
                Tensor narrow = ops.tensor(2, 2);
                Tensor dst = ops.tensor(2, 4);
                Tensor bias = ops.tensor(1, 3)) {
            assertEquals(
                    "x has 2 columns, expected 3",
                    assertThrows(IllegalArgumentException.class, () -> ops.matmul(narrow, weight, Epilogue.NONE, dst))
                            .getMessage());
            assertThrows(IllegalArgumentException.class, () -> ops.matmul(x, weight, Epilogue.NONE, narrow));
            assertThrows(IllegalArgumentException.class, () -> ops.matmul(x, weight, new Epilogue.Bias(bias), dst));
        }
    }
}
