package io.tandem.engine.ops.reference;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Weight;

/**
 * A matrix widened to fp32 in one Java array, as it was stored.
 *
 * @param outputs rows
 * @param inputs columns
 * @param dtype how it was stored
 * @param values [outputs, inputs]
 */
record HeapWeight(int outputs, int inputs, DType dtype, float[] values) implements Weight {

    static HeapWeight of(StoredTensor matrix) {
        if (matrix.shape().length != 2) {
            throw new IllegalArgumentException(
                    matrix.name() + " has " + matrix.shape().length + " dimensions, a matrix has 2");
        }
        return new HeapWeight(matrix.shape()[0], matrix.shape()[1], matrix.dtype(), matrix.toFloats());
    }

    @Override
    public void close() {
        // The garbage collector takes the array.
    }
}
