package io.tandem.engine.image;

import java.util.Arrays;

/**
 * One component of a VP8 frame in whole macroblocks, with the border that prediction looks at: a row of 127 above, with
 * four more to the right, and a column of 129 to the left.
 *
 * <p>Mutable; used by one thread.
 */
final class Vp8Plane {

    private static final int ABOVE = 127;

    private static final int LEFT = 129;

    final byte[] samples;
    final int stride;

    Vp8Plane(int width, int height) {
        stride = width + 5;
        samples = new byte[Math.multiplyExact(stride, height + 1)];
        Arrays.fill(samples, 0, stride, (byte) ABOVE);
        for (int y = 1; y <= height; y++) {
            samples[y * stride] = (byte) LEFT;
        }
    }

    /** Index of a sample; -1 is the border. */
    int at(int x, int y) {
        return (y + 1) * stride + x + 1;
    }

    int get(int index) {
        return samples[index] & 0xff;
    }

    void set(int index, int value) {
        samples[index] = (byte) Math.clamp(value, 0, 255);
    }
}
