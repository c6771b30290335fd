package io.tandem.engine.image;

/**
 * For each pixel along one axis of a resized image, the pixels of the source that make it and their weights in fixed
 * point. When shrinking, the kernel is widened by the scale, which is what Pillow's antialiasing is.
 */
final class ResampleWeights {

    /** 8 bits of 32 are the sample's, 2 are for kernels whose weights are partly negative. */
    static final int FRACTION_BITS = 32 - 8 - 2;

    private final int[] first;
    private final int[][] weights;

    private ResampleWeights(int[] first, int[][] weights) {
        this.first = first;
        this.weights = weights;
    }

    static ResampleWeights of(ResampleFilter filter, int sourceSize, int resizedSize) {
        double scale = (double) sourceSize / resizedSize;
        double stretch = Math.max(scale, 1);
        double support = filter.support() * stretch;
        int[] first = new int[resizedSize];
        int[][] weights = new int[resizedSize][];
        for (int i = 0; i < resizedSize; i++) {
            double center = (i + 0.5) * scale;
            first[i] = Math.max(0, (int) (center - support + 0.5));
            int end = Math.min(sourceSize, (int) (center + support + 0.5));
            double[] exact = new double[end - first[i]];
            double sum = 0;
            for (int j = 0; j < exact.length; j++) {
                // Pillow multiplies by the reciprocal; dividing would round otherwise.
                exact[j] = filter.weight((first[i] + j - center + 0.5) * (1 / stretch));
                sum += exact[j];
            }
            weights[i] = fixedPoint(exact, sum);
        }
        return new ResampleWeights(first, weights);
    }

    /** Pixels of the resized image along this axis. */
    int size() {
        return first.length;
    }

    /** Index of the first source pixel that belongs to a resized pixel. */
    int first(int resized) {
        return first[resized];
    }

    /** Index of the source pixel after the last that belongs to a resized pixel. */
    int end(int resized) {
        return first[resized] + weights[resized].length;
    }

    /** Weights of the source pixels from the first to the last; not to be changed. */
    int[] weights(int resized) {
        return weights[resized];
    }

    private static int[] fixedPoint(double[] exact, double sum) {
        int[] fixed = new int[exact.length];
        for (int j = 0; j < fixed.length; j++) {
            double weight = exact[j] / sum * (1 << FRACTION_BITS);
            fixed[j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
        return fixed;
    }
}
