package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsConformance;
import io.tandem.engine.ops.Weight;
import io.tandem.engine.ops.WeightFormat;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Weights of 8 bits, compared with the reference on what those bits stand for. */
class Int8OpsTest extends OpsConformance {

    @Override
    protected Ops open() {
        return new CpuOps(2, weights(), Screening.AUTO);
    }

    @Override
    protected WeightFormat weights() {
        return WeightFormat.INT8;
    }

    @Test
    void keepsAByteAValueAndNoSecondCopy() {
        float[] values = {1.27f, -0.635f, 0, -2.54f, 0, 0.02f};
        try (CpuOps ops = new CpuOps(1, WeightFormat.INT8, Screening.ON);
                Weight weight = ops.weight(
                        new StoredTensor("w", DType.F32, new int[] {3, 2}, MemorySegment.ofArray(values)),
                        Operation.ARGMAX_PRODUCT)) {
            assertEquals(1, weight.valueBytes());
            QuantisedMatrix matrix = assertInstanceOf(QuantisedMatrix.class, weight);
            byte[] kept = {127, -64, 0, -127, 0, 127};
            for (int i = 0; i < kept.length; i++) {
                assertEquals(kept[i], matrix.value(i / 2, i % 2), "value " + i);
            }
        }
    }

    @Test
    void itsStatesAreNotTakenForThoseOfStoredWeights() {
        try (Ops ops = open();
                Ops stored = new CpuOps(1)) {
            assertNotEquals(stored.numerics(), ops.numerics());
        }
    }
}
