package io.tandem.engine.image;

/** Predicts blocks from their neighbours above and to the left (RFC 6386, section 12). */
final class Vp8Prediction {

    // Modes of 4 x 4 blocks in the order of their table; the first four are those of whole macroblocks as well.
    static final int DC = 0;
    static final int TRUE_MOTION = 1;
    static final int VERTICAL = 2;
    static final int HORIZONTAL = 3;
    static final int RIGHT_DOWN = 4;
    static final int VERTICAL_RIGHT = 5;
    static final int LEFT_DOWN = 6;
    static final int VERTICAL_LEFT = 7;
    static final int HORIZONTAL_DOWN = 8;
    static final int HORIZONTAL_UP = 9;

    private Vp8Prediction() {}

    /** Predicts a whole square of 16 (luma) or 8 (chroma) samples. */
    static void square(Vp8Plane plane, int mode, int x, int y, int side) {
        int at = plane.at(x, y);
        int average = mode == DC ? average(plane, x, y, side) : 0;
        int corner = plane.get(at - plane.stride - 1);
        for (int row = 0; row < side; row++) {
            int start = at + row * plane.stride;
            int left = plane.get(start - 1);
            for (int column = 0; column < side; column++) {
                int above = plane.get(at - plane.stride + column);
                plane.set(
                        start + column,
                        switch (mode) {
                            case DC -> average;
                            case TRUE_MOTION -> left + above - corner;
                            case VERTICAL -> above;
                            default -> left;
                        });
            }
        }
    }

    /** The mean of those neighbours that are inside the image. */
    private static int average(Vp8Plane plane, int x, int y, int side) {
        int at = plane.at(x, y);
        int sum = 0;
        int count = 0;
        for (int i = 0; i < side; i++) {
            sum += y > 0 ? plane.get(at - plane.stride + i) : 0;
            sum += x > 0 ? plane.get(at + i * plane.stride - 1) : 0;
        }
        count += y > 0 ? side : 0;
        count += x > 0 ? side : 0;
        return count == 0 ? 128 : (sum + count / 2) / count;
    }

    /**
     * Predicts a block of 4 x 4 samples.
     *
     * @param edge its neighbours from the lowest on the left, over the corner (4), to the eighth above: 13 samples
     */
    static void block(Vp8Plane plane, int mode, int at, int[] edge) {
        int average = 4;
        for (int i = 0; i < 4; i++) {
            average += edge[i] + edge[5 + i];
        }
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                int value =
                        switch (mode) {
                            case DC -> average >> 3;
                            case TRUE_MOTION -> edge[3 - y] + edge[5 + x] - edge[4];
                            case VERTICAL -> smooth(edge, 5 + x);
                            case HORIZONTAL -> smooth(edge, 3 - y);
                            case RIGHT_DOWN -> smooth(edge, 4 + x - y);
                            case VERTICAL_RIGHT -> steepRight(edge, x, y, 1);
                            case LEFT_DOWN -> smooth(edge, 6 + x + y);
                            case VERTICAL_LEFT -> steepLeft(edge, x, y);
                            case HORIZONTAL_DOWN -> steepRight(edge, y, x, -1);
                            default -> flatUp(edge, x + 2 * y);
                        };
                plane.set(at + y * plane.stride + x, value);
            }
        }
    }

    /** Three neighbours around an index, weighted 1 : 2 : 1; beyond the edge its last is repeated. */
    private static int smooth(int[] edge, int index) {
        return edge[Math.max(0, index - 1)] + 2 * edge[index] + edge[Math.min(12, index + 1)] + 2 >> 2;
    }

    private static int mean(int[] edge, int index, int other) {
        return edge[index] + edge[other] + 1 >> 1;
    }

    /** Vertical-right, and with the axes swapped and {@code direction} -1 horizontal-down. */
    private static int steepRight(int[] edge, int x, int y, int direction) {
        int shifted = x - (y >> 1);
        if (shifted < 0) {
            return smooth(edge, 4 + direction * (1 - y));
        }
        int index = 4 + direction * shifted;
        return y % 2 == 0 ? mean(edge, index, index + direction) : smooth(edge, index);
    }

    private static int steepLeft(int[] edge, int x, int y) {
        if (x == 3 && y >= 2) {
            return smooth(edge, y == 2 ? 10 : 11);
        }
        int index = 5 + x + (y >> 1);
        return y % 2 == 0 ? mean(edge, index, index + 1) : smooth(edge, index + 1);
    }

    private static int flatUp(int[] edge, int step) {
        if (step > 5) {
            return edge[0];
        }
        int index = 3 - (step >> 1);
        return step % 2 == 0 ? mean(edge, index, index - 1) : smooth(edge, index - 1);
    }
}
