package io.tandem.engine.sampling;

import java.util.Arrays;

/**
 * Finds the value at which the greatest values, taken together, reach a given weight: a radix select in linear time, in
 * place of a sort.
 *
 * <p>Mutable scratch space; owned by a {@link Sampler} and used by its thread.
 */
final class RankSelect {

    private static final int DIGIT_BITS = 11;
    private static final int BUCKETS = 1 << DIGIT_BITS;

    /** Digits of 11, 11 and 10 bits cover a float's 32. */
    private static final int[] SHIFTS = {21, 10, 0};

    private final double[] weightOf = new double[BUCKETS];

    private double weightAbove;

    /**
     * The greatest t such that all values from t up weigh at least {@code target}; the least value if they never do.
     *
     * @param values the first {@code count} are looked at, at least one; no NaN
     * @param weights of the values, positive or zero; null if each weighs 1
     */
    float threshold(float[] values, double[] weights, int count, double target) {
        weightAbove = 0;
        int prefix = 0;
        int fixedBits = 0;
        for (int shift : SHIFTS) {
            fill(values, weights, count, prefix, fixedBits, shift);
            int digitBits = Integer.SIZE - fixedBits - shift;
            int bucket = bucketThatReaches(target, 1 << digitBits);
            prefix = (prefix << digitBits) | bucket;
            fixedBits += digitBits;
        }
        return fromOrdered(prefix);
    }

    /** After {@link #threshold}: what the values above it weigh. */
    double weightAbove() {
        return weightAbove;
    }

    private void fill(float[] values, double[] weights, int count, int prefix, int fixedBits, int shift) {
        // A bucket that nothing fell into must not be chosen: its values don't exist.
        Arrays.fill(weightOf, -1);
        int mask = (1 << (Integer.SIZE - fixedBits - shift)) - 1;
        for (int i = 0; i < count; i++) {
            int ordered = toOrdered(values[i]);
            if (fixedBits > 0 && ordered >>> (Integer.SIZE - fixedBits) != prefix) {
                continue;
            }
            int bucket = (ordered >>> shift) & mask;
            weightOf[bucket] = Math.max(weightOf[bucket], 0) + (weights == null ? 1 : weights[i]);
        }
    }

    /** From the greatest bucket down; the least one if even all of them, through rounding, stay short of the target. */
    private int bucketThatReaches(double target, int buckets) {
        int reached = -1;
        for (int bucket = buckets - 1; bucket >= 0; bucket--) {
            if (weightOf[bucket] < 0) {
                continue;
            }
            if (reached >= 0) {
                weightAbove += weightOf[reached];
            }
            reached = bucket;
            if (weightAbove + weightOf[bucket] >= target) {
                break;
            }
        }
        return reached;
    }

    /** Bits whose unsigned order is the order of the floats. */
    private static int toOrdered(float value) {
        // Adding zero turns -0 into +0, which compares equal to it.
        int bits = Float.floatToRawIntBits(value + 0.0f);
        return bits < 0 ? ~bits : bits | Integer.MIN_VALUE;
    }

    private static float fromOrdered(int ordered) {
        return Float.intBitsToFloat(ordered < 0 ? ordered & Integer.MAX_VALUE : ~ordered);
    }
}
