package io.tandem.engine.image;

/**
 * What the components of a JPEG pixel stand for, and how they become red, green and blue. Colour profiles are not heeded
 * and ink is mixed by Pillow's simple rule, as the reference sees the images that way.
 */
enum JpegColors {
    GREY {
        @Override
        void toRgb(int[] components, int[] rgb) {
            rgb[0] = components[0];
            rgb[1] = components[0];
            rgb[2] = components[0];
        }
    },
    RGB {
        @Override
        void toRgb(int[] components, int[] rgb) {
            System.arraycopy(components, 0, rgb, 0, RgbImage.CHANNELS);
        }
    },
    YCBCR {
        @Override
        void toRgb(int[] components, int[] rgb) {
            int y = (components[0] << FRACTION_BITS) + HALF;
            int cb = components[1] - 128;
            int cr = components[2] - 128;
            rgb[0] = clip(y + RED_OF_CR * cr >> FRACTION_BITS);
            rgb[1] = clip(y - GREEN_OF_CB * cb - GREEN_OF_CR * cr >> FRACTION_BITS);
            rgb[2] = clip(y + BLUE_OF_CB * cb >> FRACTION_BITS);
        }
    },
    CMYK {
        @Override
        void toRgb(int[] components, int[] rgb) {
            int light = 255 - components[3];
            for (int i = 0; i < RgbImage.CHANNELS; i++) {
                rgb[i] = light - divideBy255(components[i] * light);
            }
        }
    },
    /** As Adobe's programs write it: 0 is full ink. */
    INVERTED_CMYK {
        @Override
        void toRgb(int[] components, int[] rgb) {
            for (int i = 0; i < components.length; i++) {
                components[i] = 255 - components[i];
            }
            CMYK.toRgb(components, rgb);
        }
    },
    /** Inverted CMYK whose first three components were then stored as YCbCr of their complements. */
    INVERTED_YCCK {
        @Override
        void toRgb(int[] components, int[] rgb) {
            YCBCR.toRgb(components, rgb);
            for (int i = 0; i < RgbImage.CHANNELS; i++) {
                components[i] = 255 - rgb[i];
            }
            INVERTED_CMYK.toRgb(components, rgb);
        }
    };

    private static final int FRACTION_BITS = 16;

    private static final int HALF = 1 << FRACTION_BITS - 1;

    // ITU-R BT.601 at full range, as JFIF prescribes it, in libjpeg's fixed point.
    private static final int RED_OF_CR = fixed(1.402);
    private static final int GREEN_OF_CB = fixed(0.34414);
    private static final int GREEN_OF_CR = fixed(0.71414);
    private static final int BLUE_OF_CB = fixed(1.772);

    /**
     * Converts one pixel.
     *
     * @param components of the pixel, 0 to 255 each; overwritten
     * @param rgb takes the result
     */
    abstract void toRgb(int[] components, int[] rgb);

    private static int fixed(double value) {
        return (int) Math.round(value * (1 << FRACTION_BITS));
    }

    private static int clip(int value) {
        return Math.clamp(value, 0, 255);
    }

    /** Rounded, for products of two 8-bit values. */
    private static int divideBy255(int product) {
        return (product + 127) / 255;
    }
}
