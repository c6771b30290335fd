package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import io.tandem.engine.ops.WeightFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The screened choice is the choice of the whole product, whatever the numbers are; and the screen's bounds hold. */
class ArgmaxProductTest {

    private static final int SEEDS = 300;

    /** Rows of weights or activations that tempt the screen. */
    private enum Values {
        NORMAL,
        /** One value is far larger than the others, which leaves these a few steps of int8. */
        OUTLIERS,
        ZEROS,
        SPARSE,
        TINY,
        SUBNORMAL,
        HUGE,
        NOT_FINITE;

        float[] row(Random random, int count) {
            float[] row = new float[count];
            for (int i = 0; i < count; i++) {
                row[i] = value((float) random.nextGaussian(), random);
            }
            if (this == OUTLIERS || this == NOT_FINITE) {
                row[random.nextInt(count)] = this == OUTLIERS ? 1000 : random.nextBoolean() ? Float.NaN : 1 / 0f;
            }
            return row;
        }

        private float value(float normal, Random random) {
            return switch (this) {
                case NORMAL, OUTLIERS, NOT_FINITE -> normal;
                case ZEROS -> random.nextBoolean() ? 0.0f : -0.0f;
                case SPARSE -> random.nextInt(20) == 0 ? normal : 0;
                case TINY -> normal * 0x1p-70f;
                case SUBNORMAL -> normal * 0x1p-140f;
                case HUGE -> normal * 0x1p60f;
            };
        }
    }

    @Test
    void choosesAsTheWholeProductDoes() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            DType dtype = DType.values()[random.nextInt(3)];
            int inputs = 1 + random.nextInt(90);
            int outputs = 1 + random.nextInt(400);
            int rows = 1 + random.nextInt(9);
            float[] x = activations(random, rows, inputs);
            try (Ops ops = new CpuOps(1 + random.nextInt(2), WeightFormat.STORED, Screening.ON);
                    Arena arena = Arena.ofConfined()) {
                StoredTensor stored = stored(arena, dtype, outputs, weights(random, outputs, inputs));
                assertArrayEquals(
                        choices(ops, stored, x, false),
                        choices(ops, stored, x, true),
                        "seed %d: %d rows, %d x %d %s".formatted(seed, rows, outputs, inputs, dtype));
            }
        }
    }

    private static float[] activations(Random random, int rows, int inputs) {
        float[] x = new float[rows * inputs];
        for (int row = 0; row < rows; row++) {
            Values kind = random.nextInt(3) > 0 ? Values.NORMAL : anyOf(random);
            System.arraycopy(kind.row(random, inputs), 0, x, row * inputs, inputs);
        }
        return x;
    }

    private static Values anyOf(Random random) {
        return Values.values()[random.nextInt(Values.values().length)];
    }

    /** Rows of several kinds, many of them equal to others, or nearly so. */
    private static float[] weights(Random random, int outputs, int inputs) {
        float[] weights = new float[outputs * inputs];
        boolean finite = random.nextInt(8) > 0;
        Values kind = random.nextBoolean() ? Values.NORMAL : anyOf(random);
        for (int output = 0; output < outputs; output++) {
            Values own = random.nextInt(4) == 0 ? anyOf(random) : kind;
            float[] row = (finite && own == Values.NOT_FINITE ? Values.OUTLIERS : own).row(random, inputs);
            if (output > 0 && random.nextInt(3) == 0) {
                int model = random.nextInt(output) * inputs;
                row = Arrays.copyOfRange(weights, model, model + inputs);
                if (random.nextBoolean()) {
                    int at = random.nextInt(inputs);
                    row[at] = random.nextBoolean() ? Math.nextUp(row[at]) : row[at] * 1.01f;
                }
            }
            System.arraycopy(row, 0, weights, output * inputs, inputs);
        }
        return weights;
    }

    private static int[] choices(Ops ops, StoredTensor stored, float[] x, boolean screened) {
        int inputs = stored.shape()[1];
        int rows = x.length / inputs;
        int[] best = new int[rows];
        try (Weight weight = ops.weight(stored, Operation.ARGMAX_PRODUCT);
                Tensor from = ops.tensor(rows, inputs);
                Tensor products = ops.tensor(rows, weight.outputs())) {
            ops.write(from, 0, x, 0, rows);
            if (screened) {
                ops.argmaxProduct(from, weight, best);
            } else {
                ops.matmul(from, weight, Epilogue.NONE, products);
                ops.argmax(products, best);
            }
        }
        return best;
    }

    @Test
    void boundsAreAboveEveryProduct() {
        try (WorkerPool pool = new WorkerPool(1);
                Scratch scratch = new Scratch()) {
            for (int seed = 0; seed < SEEDS; seed++) {
                Random random = new Random(seed);
                int inputs = 1 + random.nextInt(300);
                float[] weights = weights(random, 100, inputs);
                float[] x = anyOf(random).row(random, inputs);
                try (Arena arena = Arena.ofConfined();
                        ArgmaxScreen screen = ArgmaxScreen.of(stored(arena, DType.F32, 100, weights), pool)) {
                    float length = ArgmaxScreen.length(x, 0, inputs);
                    if (screen != null && !Float.isNaN(length)) {
                        checkBounds(screen, scratch, weights, x, length, "seed " + seed);
                    }
                }
            }
        }
    }

    private static void checkBounds(
            ArgmaxScreen screen, Scratch scratch, float[] weights, float[] x, float length, String seed) {
        float[] largest = new float[screen.panels()];
        ArgmaxScreen.Rows row = new ArgmaxScreen.Rows(x, 0, 1, length);
        for (int panel = 0; panel < screen.panels(); panel++) {
            screen.bound(row, panel, scratch, largest);
            float[] uppers = screen.uppers(row, panel, scratch);
            for (int i = 0; i < PackedMatrix.PANEL; i++) {
                int output = panel * PackedMatrix.PANEL + i;
                float product = Float.NEGATIVE_INFINITY;
                if (output < screen.outputs()) {
                    product = 0;
                    for (int k = 0; k < x.length; k++) {
                        product = Math.fma(x[k], weights[output * x.length + k], product);
                    }
                }
                assertTrue(product <= uppers[i], seed + ": " + product + " is above its bound " + uppers[i]);
                assertTrue(uppers[i] <= largest[panel], seed + ": output " + output);
            }
        }
    }

    @Test
    void countsWhatTheScreenLeaves() {
        Random random = new Random(1);
        float[] spread = new float[4000 * 64];
        float[] alike = new float[4000 * 64];
        for (int i = 0; i < spread.length; i++) {
            spread[i] = (float) random.nextGaussian();
            alike[i] = i < 64 ? spread[i] : alike[i - 64];
        }
        float[] x = Values.NORMAL.row(random, 64);
        try (Ops ops = new CpuOps(1, WeightFormat.STORED, Screening.ON);
                Arena arena = Arena.ofConfined()) {
            choices(ops, stored(arena, DType.F32, 4000, spread), x, true);
            assertEquals(1, ops.counters().get("argmax_screened_rows"));
            assertEquals(0, ops.counters().get("argmax_rows_in_vain"));
            long computed = ops.counters().get("argmax_computed_outputs");
            assertTrue(computed >= 1 && computed <= 8, computed + " of 4000 outputs were computed");
            choices(ops, stored(arena, DType.F32, 4000, alike), x, true);
            assertEquals(1, ops.counters().get("argmax_screened_rows"));
            assertEquals(1, ops.counters().get("argmax_rows_in_vain"));
        }
    }

    private static StoredTensor stored(Arena arena, DType dtype, int outputs, float... values) {
        MemorySegment data = arena.allocate((long) values.length * dtype.byteSize());
        for (int i = 0; i < values.length; i++) {
            switch (dtype) {
                case F32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, values[i]);
                case F16 -> data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, Float.floatToFloat16(values[i]));
                case BF16 -> data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, DType.bfloat16(values[i]));
            }
        }
        return new StoredTensor("w", dtype, new int[] {outputs, values.length / outputs}, data);
    }
}
