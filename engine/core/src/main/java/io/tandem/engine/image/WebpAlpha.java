package io.tandem.engine.image;

import java.util.function.IntUnaryOperator;

/** The alpha chunk of a lossy WebP frame (RFC 9649, section 2.7.1.2), which stores differences from a prediction. */
final class WebpAlpha {

    private static final int HORIZONTAL = 1;

    private static final int VERTICAL = 2;

    private static final int GRADIENT = 3;

    private WebpAlpha() {}

    /** Whether the chunk's data is that of a lossless image, else one byte a pixel. */
    static boolean isCompressed(byte[] content) throws MalformedImageException {
        return (new ByteSource(content).unsigned8(0) & 3) != 0;
    }

    /**
     * Lays an image over white.
     *
     * @param image changed in place
     * @param content the alpha chunk, for its first byte
     * @param stored the stored byte of each pixel by its index; its higher bits are not looked at
     */
    static void layOverWhite(RgbImage image, byte[] content, IntUnaryOperator stored) {
        int filter = content[0] >> 2 & 3;
        int width = image.width();
        byte[] rgb = image.rgb();
        int[] above = new int[width];
        for (int y = 0; y < image.height(); y++) {
            int left = 0;
            int corner = 0;
            for (int x = 0; x < width; x++) {
                boolean first = x == 0 && y == 0;
                int prediction =
                        switch (filter) {
                            case HORIZONTAL -> x > 0 ? left : above[x];
                            case VERTICAL -> y > 0 ? above[x] : left;
                            case GRADIENT -> gradient(x, y, left, above[x], corner);
                            default -> 0;
                        };
                int alpha = stored.applyAsInt(y * width + x) + (first ? 0 : prediction) & 0xff;
                corner = above[x];
                above[x] = alpha;
                left = alpha;
                int at = (y * width + x) * RgbImage.CHANNELS;
                for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
                    rgb[at + channel] = (byte) Pixels.overWhite(rgb[at + channel] & 0xff, alpha);
                }
            }
        }
    }

    private static int gradient(int x, int y, int left, int above, int corner) {
        if (y == 0) {
            return left;
        }
        return x == 0 ? above : Math.clamp(left + above - corner, 0, 255);
    }
}
