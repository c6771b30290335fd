package io.tandem.engine.image;

/**
 * How large an image may be; checked on the file's header, before anything is allocated for its pixels.
 *
 * @param maxPixels most pixels in one image
 * @param setting the configuration property to raise, named in the refusal; the engine itself has none
 */
public record ImageLimits(long maxPixels, String setting) {

    /**
     * Most pixels along one side. A very long and thin image makes resizing expensive out of proportion to its pixels;
     * 65,535 is what JPEG can hold.
     */
    public static final int MAX_SIDE = 65_535;

    private static final long DEFAULT_MAX_PIXELS = 40_000_000;

    /** The index of a sample has to fit an int. */
    private static final long LARGEST_MAX_PIXELS = Integer.MAX_VALUE / RgbImage.CHANNELS - 8;

    public ImageLimits {
        if (maxPixels < 1 || maxPixels > LARGEST_MAX_PIXELS) {
            throw new IllegalArgumentException(
                    "%s is %,d, must be between 1 and %,d".formatted(setting, maxPixels, LARGEST_MAX_PIXELS));
        }
    }

    /** 40 million pixels. */
    public static ImageLimits defaults(String setting) {
        return new ImageLimits(DEFAULT_MAX_PIXELS, setting);
    }
}
