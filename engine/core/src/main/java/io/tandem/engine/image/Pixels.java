package io.tandem.engine.image;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Turns the samples that a decoder gives into opaque 8-bit RGB. Samples are taken as they are, past the colour models of
 * java.awt, which would convert grey and profiled colours.
 */
final class Pixels {

    private static final int OPAQUE = 255;

    private Pixels() {}

    static RgbImage of(BufferedImage image) {
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof IndexColorModel palette) {
            return convert(raster, new PaletteConversion(palette));
        }
        int[] bits = raster.getSampleModel().getSampleSize();
        return convert(raster, (samples, rgb) -> directColor(samples, bits, rgb));
    }

    /**
     * Converts the raster of a JPEG image.
     *
     * @param raster components of 8 bits, {@code [height, width, components]}
     */
    static RgbImage of(Raster raster, JpegColors colors) {
        return convert(raster, colors::toRgb);
    }

    private static RgbImage convert(Raster raster, PixelConversion conversion) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] result = new byte[Math.multiplyExact(width * RgbImage.CHANNELS, height)];
        int bands = raster.getNumBands();
        int[] row = new int[width * bands];
        int[] samples = new int[bands];
        int[] rgb = new int[RgbImage.CHANNELS];
        int target = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                System.arraycopy(row, x * bands, samples, 0, bands);
                conversion.toRgb(samples, rgb);
                result[target++] = (byte) rgb[0];
                result[target++] = (byte) rgb[1];
                result[target++] = (byte) rgb[2];
            }
        }
        return new RgbImage(width, height, result);
    }

    /** Grey, grey and alpha, RGB, or RGB and alpha, of any depth. */
    private static void directColor(int[] samples, int[] bits, int[] rgb) {
        int bands = samples.length;
        boolean grey = bands < RgbImage.CHANNELS;
        int alphaBand = bands % 2 == 0 ? bands - 1 : -1;
        int alpha = alphaBand < 0 ? OPAQUE : eightBits(samples[alphaBand], bits[alphaBand]);
        for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
            int band = grey ? 0 : channel;
            rgb[channel] = overWhite(eightBits(samples[band], bits[band]), alpha);
        }
    }

    /** The high byte of deep samples, as Pillow reduces deep colour; shallow samples are stretched to the whole range. */
    private static int eightBits(int sample, int bits) {
        return bits >= 8 ? sample >> bits - 8 : sample * 255 / ((1 << bits) - 1);
    }

    /** A sample of 8 bits as it looks through to white; 0 is transparent. */
    static int overWhite(int sample, int alpha) {
        return (sample * alpha + 255 * (255 - alpha) + 127) / 255;
    }

    /** How one pixel's samples become red, green and blue; may overwrite the samples. */
    @FunctionalInterface
    private interface PixelConversion {
        void toRgb(int[] samples, int[] rgb);
    }

    /** Looks pixels up in a palette. */
    private static final class PaletteConversion implements PixelConversion {

        private final int[] colors; // ARGB

        PaletteConversion(IndexColorModel palette) {
            colors = new int[palette.getMapSize()];
            palette.getRGBs(colors);
        }

        @Override
        public void toRgb(int[] samples, int[] rgb) {
            int color = colors[samples[0]];
            int alpha = color >>> 24;
            rgb[0] = overWhite(color >> 16 & 0xff, alpha);
            rgb[1] = overWhite(color >> 8 & 0xff, alpha);
            rgb[2] = overWhite(color & 0xff, alpha);
        }
    }
}
