package io.tandem.engine.image;

/** The inverse transforms of VP8 (RFC 6386, section 14). */
final class Vp8Transform {

    private Vp8Transform() {}

    /** Makes the direct components of the 16 luma blocks of a macroblock from their second-order block. */
    static void walshHadamard(int[] in, int[] coefficients) {
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int outer = in[i] + in[12 + i];
            int inner = in[4 + i] + in[8 + i];
            int innerDifference = in[4 + i] - in[8 + i];
            int outerDifference = in[i] - in[12 + i];
            half[i] = outer + inner;
            half[8 + i] = outer - inner;
            half[4 + i] = outerDifference + innerDifference;
            half[12 + i] = outerDifference - innerDifference;
        }
        for (int i = 0; i < 4; i++) {
            int row = 4 * i;
            int outer = half[row] + 3 + half[row + 3];
            int inner = half[row + 1] + half[row + 2];
            int innerDifference = half[row + 1] - half[row + 2];
            int outerDifference = half[row] + 3 - half[row + 3];
            coefficients[16 * row] = outer + inner >> 3;
            coefficients[16 * (row + 1)] = outerDifference + innerDifference >> 3;
            coefficients[16 * (row + 2)] = outer - inner >> 3;
            coefficients[16 * (row + 3)] = outerDifference - innerDifference >> 3;
        }
    }

    /** Adds the inverse cosine transform of a block's coefficients to its prediction. */
    static void addCosine(int[] coefficients, int offset, Vp8Plane plane, int at) {
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int in = offset + i;
            int sum = coefficients[in] + coefficients[in + 8];
            int difference = coefficients[in] - coefficients[in + 8];
            int c = sine(coefficients[in + 4]) - cosine(coefficients[in + 12]);
            int d = cosine(coefficients[in + 4]) + sine(coefficients[in + 12]);
            half[4 * i] = sum + d;
            half[4 * i + 1] = difference + c;
            half[4 * i + 2] = difference - c;
            half[4 * i + 3] = sum - d;
        }
        for (int y = 0; y < 4; y++) {
            int sum = half[y] + 4 + half[y + 8];
            int difference = half[y] + 4 - half[y + 8];
            int c = sine(half[y + 4]) - cosine(half[y + 12]);
            int d = cosine(half[y + 4]) + sine(half[y + 12]);
            int row = at + y * plane.stride;
            plane.set(row, plane.get(row) + (sum + d >> 3));
            plane.set(row + 1, plane.get(row + 1) + (difference + c >> 3));
            plane.set(row + 2, plane.get(row + 2) + (difference - c >> 3));
            plane.set(row + 3, plane.get(row + 3) + (sum - d >> 3));
        }
    }

    /** Times sqrt(2) cos(pi / 8). */
    private static int cosine(int value) {
        return value + (value * 20091 >> 16);
    }

    /** Times sqrt(2) sin(pi / 8). */
    private static int sine(int value) {
        return value * 35468 >> 16;
    }
}
