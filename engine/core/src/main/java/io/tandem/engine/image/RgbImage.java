package io.tandem.engine.image;

import java.util.Arrays;

/**
 * A decoded image, opaque and upright.
 *
 * @param width pixels along a row, at least 1
 * @param height rows, at least 1
 * @param rgb samples of 8 bits, {@code [height, width, 3]}; not copied, not to be changed
 */
public record RgbImage(int width, int height, byte[] rgb) {

    static final int CHANNELS = 3;

    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != (long) width * height * CHANNELS) {
            throw new IllegalArgumentException(
                    "%d bytes do not make %d x %d pixels of 3 samples".formatted(rgb.length, width, height));
        }
    }

    /** The part of this image whose upper left pixel is at column {@code left} and row {@code top}, as a copy. */
    RgbImage crop(int left, int top, int cropWidth, int cropHeight) {
        byte[] cropped = new byte[Math.multiplyExact(cropWidth * CHANNELS, cropHeight)];
        for (int y = 0; y < cropHeight; y++) {
            int from = ((top + y) * width + left) * CHANNELS;
            System.arraycopy(rgb, from, cropped, y * cropWidth * CHANNELS, cropWidth * CHANNELS);
        }
        return new RgbImage(cropWidth, cropHeight, cropped);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RgbImage image
                && width == image.width
                && height == image.height
                && Arrays.equals(rgb, image.rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "RgbImage[" + width + " x " + height + "]";
    }
}
