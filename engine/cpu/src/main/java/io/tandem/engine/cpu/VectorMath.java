package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions lane by lane with the same operations at every width, and sums in a layout of 16 lanes that no width changes.
 *
 * <p>Polynomials after Cephes ({@code expf}, {@code tanhf}); errors are below 2 units in the last place of the result, or of 1
 * for the hyperbolic tangent.
 *
 * <p>Constants are broadcast by the library's method, never by one of ours: C2 inlines the library's vector methods always, others
 * only up to some number of nodes, which two exponentials pass, and a vector that crosses a call is boxed.
 */
final class VectorMath {

    private static final float LOG2_E = 1.44269504088896341f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** Adding it leaves a float's nearest integer in the lowest bits. */
    private static final float ROUNDER = 12582912.0f;

    private static final int FRACTION_BITS = 23;
    private static final float EXP_LOWEST = -87.0f;
    private static final float EXP_HIGHEST = 88.0f;

    /** sqrt(2 / pi), and the cubic coefficient of the tanh form of gelu. */
    private static final float GELU_LINEAR = 0.7978845608028654f;

    private static final float GELU_CUBIC = 0.044715f;

    private VectorMath() {}

    /**
     * The larger of two lanes, or b's where a's is not a number. {@code FloatVector.max} does what {@code Math.max} does with zeros
     * and with what is not a number, which takes several times as long.
     */
    static FloatVector max(FloatVector a, FloatVector b) {
        return b.blend(a, a.compare(VectorOperators.GT, b));
    }

    /** e^x; 0 below -87, and as at 88 above that. */
    static FloatVector exp(FloatVector x) {
        VectorMask<Float> vanishes = x.compare(VectorOperators.LT, EXP_LOWEST);
        FloatVector clamped =
                x.blend(EXP_LOWEST, vanishes).blend(EXP_HIGHEST, x.compare(VectorOperators.GT, EXP_HIGHEST));
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(FLOATS, LOG2_E), FloatVector.broadcast(FLOATS, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
        FloatVector p =
                r.fma(FloatVector.broadcast(FLOATS, 1.9875691500e-4f), FloatVector.broadcast(FLOATS, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1.0f);
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, FRACTION_BITS);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats().blend(0.0f, vanishes);
    }

    /** Hyperbolic tangent. */
    static FloatVector tanh(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector z = x.mul(x);
        FloatVector p = z.fma(
                FloatVector.broadcast(FLOATS, -5.70498872745e-3f), FloatVector.broadcast(FLOATS, 2.06390887954e-2f));
        p = p.fma(z, FloatVector.broadcast(FLOATS, -5.37397155531e-2f));
        p = p.fma(z, FloatVector.broadcast(FLOATS, 1.33314422036e-1f));
        p = p.fma(z, FloatVector.broadcast(FLOATS, -3.33332819422e-1f));
        FloatVector small = p.mul(z).fma(x, x);
        FloatVector large = FloatVector.broadcast(FLOATS, 1.0f)
                .sub(FloatVector.broadcast(FLOATS, 2.0f).div(exp(size.add(size)).add(1.0f)));
        FloatVector signed = large.blend(large.neg(), x.compare(VectorOperators.LT, 0.0f));
        return signed.blend(small, size.compare(VectorOperators.LT, 0.625f));
    }

    /** {@code x / 2 * (1 + tanh(u))} with {@code u = sqrt(2 / pi) (x + 0.044715 x^3)}, as {@code x / (1 + e^(-2u))}. */
    static FloatVector gelu(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector u = square.fma(FloatVector.broadcast(FLOATS, GELU_CUBIC), FloatVector.broadcast(FLOATS, 1.0f))
                .mul(x)
                .mul(GELU_LINEAR);
        return x.div(exp(u.mul(-2.0f)).add(1.0f));
    }

    /** Replaces {@code count} values, a multiple of 16, by their exponentials. */
    static void exp(float[] values, int offset, int count) {
        for (int i = offset; i < offset + count; i += COUNT) {
            exp(FloatVector.fromArray(FLOATS, values, i)).intoArray(values, i);
        }
    }

    /** Largest of {@code count} values, a multiple of 16. */
    static float max(float[] values, int offset, int count) {
        FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = offset; i < offset + count; i += COUNT) {
            largest = max(FloatVector.fromArray(FLOATS, values, i), largest);
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    /** Replaces {@code count} values x, a multiple of 16, by e^(x - max), and adds the results up. */
    static float expSum(float[] values, int offset, int count, float max, float[] lanes) {
        for (int lane = 0; lane < Lanes.VIRTUAL; lane += COUNT) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = offset + lane; i < offset + count; i += Lanes.VIRTUAL) {
                FloatVector e = exp(FloatVector.fromArray(FLOATS, values, i).sub(max));
                e.intoArray(values, i);
                sum = sum.add(e);
            }
            sum.intoArray(lanes, lane);
        }
        return fold(lanes);
    }

    /** Sum of {@code count} values. */
    static float sum(float[] values, int offset, int count, float[] lanes) {
        int whole = count - count % Lanes.VIRTUAL;
        for (int lane = 0; lane < Lanes.VIRTUAL; lane += COUNT) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = lane; i < whole; i += Lanes.VIRTUAL) {
                sum = sum.add(FloatVector.fromArray(FLOATS, values, offset + i));
            }
            sum.intoArray(lanes, lane);
        }
        for (int i = whole; i < count; i++) {
            lanes[i - whole] += values[offset + i];
        }
        return fold(lanes);
    }

    /** Sum of {@code (x - center)^2} over {@code count} values. */
    static float squares(float[] values, int offset, int count, float center, float[] lanes) {
        int whole = count - count % Lanes.VIRTUAL;
        for (int lane = 0; lane < Lanes.VIRTUAL; lane += COUNT) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = lane; i < whole; i += Lanes.VIRTUAL) {
                FloatVector x =
                        FloatVector.fromArray(FLOATS, values, offset + i).sub(center);
                sum = x.fma(x, sum);
            }
            sum.intoArray(lanes, lane);
        }
        for (int i = whole; i < count; i++) {
            float x = values[offset + i] - center;
            lanes[i - whole] = Math.fma(x, x, lanes[i - whole]);
        }
        return fold(lanes);
    }

    /** Sum of the 16 lanes as a balanced tree; they are overwritten. */
    private static float fold(float[] lanes) {
        for (int half = Lanes.VIRTUAL / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0];
    }
}
