package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;

/**
 * Rotary positions on the halves of a head (NeoX order), rounded as the reference rounds: frequencies and angles are fp32.
 *
 * @param theta config key {@code rope_theta}
 * @param factor linear scaling, 1 for none
 * @param headDim values a head h, even
 * @param frequencies format that the frequencies are rounded to
 */
public record Rope(double theta, double factor, int headDim, DType frequencies) {

    /** With fp32 frequencies. */
    public Rope(double theta, double factor, int headDim) {
        this(theta, factor, headDim, DType.F32);
    }

    /** Angle in radians by which pair {@code pair} (values pair and pair + h/2) turns at {@code position}. */
    public float angle(int position, int pair) {
        return position * frequency(pair);
    }

    /** {@code theta^(-2 pair / h) / factor}. */
    public float frequency(int pair) {
        float exponent = (float) (2 * pair) / headDim;
        float power = (float) Math.pow(theta, exponent);
        return frequencies.round(1.0f / power / (float) factor);
    }
}
