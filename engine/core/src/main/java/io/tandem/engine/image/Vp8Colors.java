package io.tandem.engine.image;

/** Makes RGB of VP8's luma and half-sized chroma in libwebp's fixed point (ITU-R BT.601, 16 to 235). */
final class Vp8Colors {

    private Vp8Colors() {}

    static RgbImage toRgb(int width, int height, Vp8Plane luma, Vp8Plane[] chroma) {
        byte[] rgb = new byte[Math.multiplyExact(width * RgbImage.CHANNELS, height)];
        int chromaWidth = Math.ceilDiv(width, 2);
        int chromaHeight = Math.ceilDiv(height, 2);
        int target = 0;
        for (int y = 0; y < height; y++) {
            int row = y >> 1;
            int otherRow = Math.clamp(row + (y % 2 == 0 ? -1 : 1), 0, chromaHeight - 1);
            for (int x = 0; x < width; x++) {
                int column = x >> 1;
                int otherColumn = Math.clamp(column + (x % 2 == 0 ? -1 : 1), 0, chromaWidth - 1);
                int light = luma.get(luma.at(x, y)) * 19077 >> 8;
                int u = interpolate(chroma[0], column, otherColumn, row, otherRow);
                int v = interpolate(chroma[1], column, otherColumn, row, otherRow);
                rgb[target++] = (byte) clip(light + (v * 26149 >> 8) - 14234);
                rgb[target++] = (byte) clip(light - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708);
                rgb[target++] = (byte) clip(light + (u * 33050 >> 8) - 17685);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    /** Weights 9 : 3 : 3 : 1, rounded twice as libwebp rounds. */
    private static int interpolate(Vp8Plane plane, int column, int otherColumn, int row, int otherRow) {
        int near = plane.get(plane.at(column, row));
        int beside = plane.get(plane.at(otherColumn, row));
        int across = plane.get(plane.at(column, otherRow));
        int diagonal = plane.get(plane.at(otherColumn, otherRow));
        return (near + 3 * beside + 3 * across + diagonal + 8 >> 3) + near >> 1;
    }

    private static int clip(int value) {
        return Math.clamp(value >> 6, 0, 255);
    }
}
