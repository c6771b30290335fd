package io.tandem.engine.image;

/** A resampling kernel of Pillow, by its number there. */
public enum ResampleFilter {
    BILINEAR(2, 1) {
        @Override
        double weight(double distance) {
            return Math.max(0, 1 - Math.abs(distance));
        }
    },
    /** Keys' cubic convolution with a = -0.5. */
    BICUBIC(3, 2) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((KEYS_A + 2) * x - (KEYS_A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * KEYS_A : 0;
        }
    };

    private static final double KEYS_A = -0.5;

    private final int number;
    private final double support;

    ResampleFilter(int number, double support) {
        this.number = number;
        this.support = support;
    }

    /** What {@code resample} holds in a preprocessor's configuration. */
    int number() {
        return number;
    }

    /** Distance, in pixels of the coarser grid, from which on the weight is 0. */
    double support() {
        return support;
    }

    abstract double weight(double distance);
}
