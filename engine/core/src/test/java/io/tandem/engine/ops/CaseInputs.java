package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Random inputs that every backend gets alike. Made for one run of one case. */
final class CaseInputs {

    private final Ops ops;
    private final Random random;

    CaseInputs(Ops ops, long seed) {
        this.ops = ops;
        this.random = new Random(seed);
    }

    float[] normal(int count, float deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * deviation;
        }
        return values;
    }

    int[] below(int count, int bound) {
        return random.ints(count, 0, bound).toArray();
    }

    Tensor tensor(int rows, int columns, float... values) {
        Tensor tensor = ops.tensor(rows, columns);
        ops.write(tensor, 0, values, 0, rows);
        return tensor;
    }

    /** A row of norm weights or biases. */
    Tensor vector(int columns) {
        return tensor(1, columns, normal(columns, 0.2f));
    }

    /** A matrix whose products have about the size of their inputs. */
    Weight weight(int outputs, int inputs, DType dtype) {
        return weight(normal(outputs * inputs, (float) (1 / Math.sqrt(inputs))), outputs, inputs, dtype);
    }

    /** A matrix to find the largest product in: from row 37 on, rows repeat, so that every product has its equals. */
    Weight weightWithEquals(int outputs, int inputs, DType dtype) {
        float[] values = normal(outputs * inputs, (float) (1 / Math.sqrt(inputs)));
        for (int i = 37 * inputs; i < values.length; i++) {
            values[i] = values[i - 37 * inputs];
        }
        return weight(values, outputs, inputs, dtype, Operation.MATMUL, Operation.ARGMAX_PRODUCT);
    }

    private Weight weight(float[] values, int outputs, int inputs, DType dtype, Operation... uses) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate((long) values.length * dtype.byteSize(), 64);
            for (int i = 0; i < values.length; i++) {
                store(data, i, dtype, values[i]);
            }
            return ops.weight(new StoredTensor("test", dtype, new int[] {outputs, inputs}, data), uses);
        }
    }

    private static void store(MemorySegment data, int index, DType dtype, float value) {
        switch (dtype) {
            case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
            case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(value));
            case BF16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) (Float.floatToIntBits(value) >>> 16));
        }
    }

    static float[] read(Ops ops, Tensor tensor) {
        float[] values = new float[tensor.rows() * tensor.columns()];
        ops.read(tensor, 0, values, 0, tensor.rows());
        return values;
    }
}
