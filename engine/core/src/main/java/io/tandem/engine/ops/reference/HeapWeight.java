package io.tandem.engine.ops.reference;

import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Weight;

/**
 * A matrix widened to fp32 in one Java array.
 *
 * @param outputs rows
 * @param inputs columns
 * @param values [outputs, inputs]
 */
record HeapWeight(int outputs, int inputs, float[] values) implements Weight {

    static HeapWeight of(StoredTensor matrix) {
        if (matrix.shape().length != 2) {
            throw new IllegalArgumentException(
                    matrix.name() + " has " + matrix.shape().length + " dimensions, a matrix has 2");
        }
        return new HeapWeight(matrix.shape()[0], matrix.shape()[1], matrix.toFloats());
    }

    /** What is left of it in 8 bits: each output's values rounded to multiples of its largest magnitude / 127. */
    HeapWeight quantised() {
        float[] rounded = new float[values.length];
        for (int start = 0; start < values.length; start += inputs) {
            float largest = 0;
            for (int i = start; i < start + inputs; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
            float scale = largest / 127;
            for (int i = start; i < start + inputs && scale > 0; i++) {
                rounded[i] = (float) Math.clamp(Math.rint(values[i] * (1.0 / scale)), -127, 127) * scale;
            }
        }
        return new HeapWeight(outputs, inputs, rounded);
    }

    @Override
    public int valueBytes() {
        return Float.BYTES;
    }

    @Override
    public void close() {
        // The garbage collector takes the array.
    }
}
