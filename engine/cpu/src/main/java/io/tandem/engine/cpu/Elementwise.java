package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.ops.Patches;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Operations on single values or rows that need no product: cap, choice of the largest, cutting and pooling of pictures. */
final class Elementwise {

    private Elementwise() {}

    /** {@code x = cap * tanh(x / cap)} on {@code count} values. */
    static void softcap(float[] x, int from, int count, float cap) {
        int end = Lanes.vectorEnd(count);
        for (int i = from; i < from + end; i += COUNT) {
            VectorMath.tanh(FloatVector.fromArray(FLOATS, x, i).div(cap))
                    .mul(cap)
                    .intoArray(x, i);
        }
        if (end < count) {
            VectorMask<Float> rest = FLOATS.indexInRange(end, count);
            VectorMath.tanh(FloatVector.fromArray(FLOATS, x, from + end, rest).div(cap))
                    .mul(cap)
                    .intoArray(x, from + end, rest);
        }
    }

    /** Index from {@code from} of the first of the largest of {@code count} values; what is no number is passed over. */
    static int argmax(float[] x, int from, int count) {
        float largest = largest(x, from, count);
        for (int i = 0; i < count; i++) {
            if (x[from + i] == largest) {
                return i;
            }
        }
        return 0;
    }

    private static float largest(float[] x, int from, int count) {
        int end = Lanes.vectorEnd(count);
        FloatVector best = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = from; i < from + end; i += COUNT) {
            FloatVector values = FloatVector.fromArray(FLOATS, x, i);
            best = best.blend(values, values.compare(VectorOperators.GT, best));
        }
        float largest = best.reduceLanes(VectorOperators.MAX);
        for (int i = from + end; i < from + count; i++) {
            largest = x[i] > largest ? x[i] : largest;
        }
        return largest;
    }

    /** One image [channels, side, side] to its patches [patchesPerImage, patchValues]. */
    static void patchify(float[] pixels, int from, Patches patches, float[] dst, int at) {
        int size = patches.patchSize();
        int side = patches.side();
        int target = at;
        for (int patch = 0; patch < patches.patchesPerImage(); patch++) {
            int top = patch / patches.patchesPerSide() * size;
            int left = patch % patches.patchesPerSide() * size;
            for (int channel = 0; channel < patches.channels(); channel++) {
                int source = from + (channel * side + top) * side + left;
                for (int y = 0; y < size; y++) {
                    System.arraycopy(pixels, source + y * side, dst, target, size);
                    target += size;
                }
            }
        }
    }

    /** One pooled row: the mean of kernel x kernel rows of a grid whose first is at {@code from}. */
    static void pool(CpuTensor x, int from, int side, int kernel, float[] dst, int at) {
        int columns = x.columns();
        float[] values = x.data();
        float area = kernel * kernel;
        for (int i = 0; i < columns; i++) {
            float sum = 0;
            for (int row = 0; row < kernel; row++) {
                for (int column = 0; column < kernel; column++) {
                    sum += values[from + (row * side + column) * columns + i];
                }
            }
            dst[at + i] = sum / area;
        }
    }
}
