package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Rope;
import jdk.incubator.vector.FloatVector;

/** Norms over rows or heads, and the turning of heads by their position. */
final class Normalisation {

    private Normalisation() {}

    /**
     * Root mean square norm of one row.
     *
     * @param weight [1, columns]
     * @param epsilon added to the mean square
     */
    record Rms(float[] weight, float epsilon, int columns) {

        static Rms of(RmsNorm norm, int columns) {
            CpuTensor weight = Checks.parameters("the norm's weight", CpuTensor.of(norm.weight()), columns);
            return new Rms(weight.data(), norm.epsilon(), columns);
        }

        private float factor(float[] x, int from, float[] lanes) {
            float squares = VectorMath.squares(x, from, columns, 0.0f, lanes);
            return (float) (1.0 / Math.sqrt(squares / columns + epsilon));
        }

        /** {@code dst = norm(x)}; dst may be x. */
        void apply(float[] x, float[] dst, int at, float[] lanes) {
            float factor = factor(x, at, lanes);
            int end = Lanes.vectorEnd(columns);
            for (int i = 0; i < end; i += COUNT) {
                normed(x, at, i, factor).intoArray(dst, at + i);
            }
            for (int i = end; i < columns; i++) {
                dst[at + i] = x[at + i] * factor * (1.0f + weight[i]);
            }
        }

        /** {@code residual += norm(x)}. */
        void add(float[] x, float[] residual, int at, float[] lanes) {
            float factor = factor(x, at, lanes);
            int end = Lanes.vectorEnd(columns);
            for (int i = 0; i < end; i += COUNT) {
                FloatVector.fromArray(FLOATS, residual, at + i)
                        .add(normed(x, at, i, factor))
                        .intoArray(residual, at + i);
            }
            for (int i = end; i < columns; i++) {
                residual[at + i] += x[at + i] * factor * (1.0f + weight[i]);
            }
        }

        private FloatVector normed(float[] x, int at, int i, float factor) {
            FloatVector scale = FloatVector.fromArray(FLOATS, weight, i).add(1.0f);
            return FloatVector.fromArray(FLOATS, x, at + i).mul(factor).mul(scale);
        }
    }

    /**
     * Norm with mean and bias of one row.
     *
     * @param weight [1, columns]
     * @param bias [1, columns]
     * @param epsilon added to the variance
     */
    record Layer(float[] weight, float[] bias, float epsilon, int columns) {

        static Layer of(LayerNorm norm, int columns) {
            CpuTensor weight = Checks.parameters("the norm's weight", CpuTensor.of(norm.weight()), columns);
            CpuTensor bias = Checks.parameters("the norm's bias", CpuTensor.of(norm.bias()), columns);
            return new Layer(weight.data(), bias.data(), norm.epsilon(), columns);
        }

        /** {@code dst = norm(x)}; dst may be x. */
        void apply(float[] x, float[] dst, int at, float[] lanes) {
            float mean = VectorMath.sum(x, at, columns, lanes) / columns;
            float variance = VectorMath.squares(x, at, columns, mean, lanes) / columns;
            float factor = (float) (1.0 / Math.sqrt(variance + epsilon));
            int end = Lanes.vectorEnd(columns);
            for (int i = 0; i < end; i += COUNT) {
                FloatVector.fromArray(FLOATS, x, at + i)
                        .sub(mean)
                        .mul(factor)
                        .mul(FloatVector.fromArray(FLOATS, weight, i))
                        .add(FloatVector.fromArray(FLOATS, bias, i))
                        .intoArray(dst, at + i);
            }
            for (int i = end; i < columns; i++) {
                dst[at + i] = (x[at + i] - mean) * factor * weight[i] + bias[i];
            }
        }
    }

    /**
     * Turns each pair (i, i + headDim / 2) of a head.
     *
     * @param table cosines and sines
     * @param headDim values a head
     */
    record Rotation(RotaryTable table, int headDim) {

        static Rotation of(Rope rope, RotaryTable.Tables tables) {
            return new Rotation(tables.of(rope), rope.headDim());
        }

        void apply(float[] x, int at, int position) {
            float[] part = table.part(position);
            int cosines = table.offset(position);
            int half = headDim / 2;
            int sines = cosines + half;
            int end = Lanes.vectorEnd(half);
            for (int i = 0; i < end; i += COUNT) {
                FloatVector low = FloatVector.fromArray(FLOATS, x, at + i);
                FloatVector high = FloatVector.fromArray(FLOATS, x, at + half + i);
                FloatVector cosine = FloatVector.fromArray(FLOATS, part, cosines + i);
                FloatVector sine = FloatVector.fromArray(FLOATS, part, sines + i);
                low.mul(cosine).sub(high.mul(sine)).intoArray(x, at + i);
                high.mul(cosine).add(low.mul(sine)).intoArray(x, at + half + i);
            }
            for (int i = end; i < half; i++) {
                float low = x[at + i];
                float high = x[at + half + i];
                x[at + i] = low * part[cosines + i] - high * part[sines + i];
                x[at + half + i] = high * part[cosines + i] + low * part[sines + i];
            }
        }
    }
}
