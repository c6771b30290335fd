package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {

    private static float[] map(UnaryOperator<FloatVector> function, float... values) {
        float[] padded = Arrays.copyOf(values, Lanes.roundUp(values.length, Lanes.VIRTUAL));
        for (int i = 0; i < padded.length; i += Lanes.COUNT) {
            function.apply(FloatVector.fromArray(Lanes.FLOATS, padded, i)).intoArray(padded, i);
        }
        return Arrays.copyOf(padded, values.length);
    }

    private static float[] between(float low, float high) {
        Random random = new Random(1);
        float[] values = new float[20_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = low + (high - low) * random.nextFloat();
        }
        return values;
    }

    private static void assertWithin(
            double relative, double absolute, float[] x, float[] y, DoubleUnaryOperator exact) {
        for (int i = 0; i < x.length; i++) {
            double expected = exact.applyAsDouble(x[i]);
            assertTrue(
                    Math.abs(y[i] - expected) <= Math.abs(expected) * relative + absolute,
                    "at %g: %g, expected %g".formatted(x[i], y[i], expected));
        }
    }

    @Test
    void expIsAccurate() {
        float[] x = between(-86, 87);
        assertWithin(2.4e-7, 0, x, map(VectorMath::exp, x), Math::exp);
    }

    @Test
    void expAtTheEdges() {
        float[] y = map(VectorMath::exp, 0, -0.0f, Float.NEGATIVE_INFINITY, -88, -1e30f);
        assertEquals(1, y[0]);
        assertEquals(1, y[1]);
        assertEquals(0, y[2]);
        assertEquals(0, y[3]);
        assertEquals(0, y[4]);
    }

    @Test
    void powerOfTwoIsAccurate() {
        float[] x = between(-126, 0);
        assertWithin(2.4e-7, 2e-38, x, map(VectorMath::powerOfTwo, x), v -> Math.pow(2, v));
        float[] edges = map(VectorMath::powerOfTwo, 0, -0.0f, Float.NEGATIVE_INFINITY, -127, -1e30f);
        assertEquals(1, edges[0]);
        assertEquals(1, edges[1]);
        assertEquals(0, edges[2]);
        assertEquals(0, edges[3]);
        assertEquals(0, edges[4]);
    }

    @Test
    void tanhIsAccurate() {
        float[] x = between(-12, 12);
        assertWithin(2.4e-7, 0, x, map(VectorMath::tanh, x), Math::tanh);
        float[] small = between(-0.01f, 0.01f);
        assertWithin(2.4e-7, 0, small, map(VectorMath::tanh, small), Math::tanh);
        float[] edges = map(VectorMath::tanh, 0, 1e30f, Float.NEGATIVE_INFINITY);
        assertEquals(0, edges[0]);
        assertEquals(1, edges[1]);
        assertEquals(-1, edges[2]);
    }

    @Test
    void geluIsAccurate() {
        float[] x = between(-20, 20);
        assertWithin(
                1e-6,
                1e-7,
                x,
                map(VectorMath::gelu, x),
                v -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))));
    }

    @Test
    void sumsAnyLength() {
        float[] lanes = new float[Lanes.VIRTUAL];
        float[] values = between(-1, 1);
        for (int count : new int[] {0, 1, 15, 16, 17, 31, 100, 1001}) {
            double sum = 0;
            double squares = 0;
            for (int i = 3; i < 3 + count; i++) {
                sum += values[i];
                squares += (values[i] - 0.25) * (values[i] - 0.25);
            }
            assertEquals(sum, VectorMath.sum(values, 3, count, lanes), 1e-4);
            assertEquals(squares, VectorMath.squares(values, 3, count, 0.25f, lanes), 1e-3);
        }
    }
}
