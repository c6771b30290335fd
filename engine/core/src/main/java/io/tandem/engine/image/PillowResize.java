package io.tandem.engine.image;

import java.util.Arrays;

/**
 * Resizes to a square exactly as Pillow does on 8-bit images: along one axis, rounded to 8 bits, then along the other, in
 * fixed point. Stretches; the aspect ratio is not kept.
 *
 * <p>The lines of the first pass are resampled one by one and added at once to the resized lines that they belong to, so
 * memory grows with the resized image and not with the source.
 */
final class PillowResize {

    private static final int HALF = 1 << ResampleWeights.FRACTION_BITS - 1;

    private PillowResize() {}

    /**
     * Resizes an image.
     *
     * @param size side of the result in pixels
     */
    static RgbImage resize(RgbImage source, int size, ResampleFilter filter) {
        boolean columnsFirst = columnsFirst(source, size);
        Lines lines = columnsFirst ? Lines.columns(source) : Lines.rows(source);
        int[] sums = addLines(lines, size, filter);
        byte[] rgb = new byte[sums.length];
        for (int line = 0; line < size; line++) {
            for (int x = 0; x < size; x++) {
                int from = (line * size + x) * RgbImage.CHANNELS;
                int to = columnsFirst ? (x * size + line) * RgbImage.CHANNELS : from;
                rgb[to] = (byte) clip(sums[from]);
                rgb[to + 1] = (byte) clip(sums[from + 1]);
                rgb[to + 2] = (byte) clip(sums[from + 2]);
            }
        }
        return new RgbImage(size, size, rgb);
    }

    /** Pillow's own rule, as of version 13: which pass comes first shows in the rounding. */
    private static boolean columnsFirst(RgbImage source, int size) {
        int heightLost = source.height() - size;
        int widthLost = source.width() - size;
        return heightLost > 0 && heightLost > 2 * widthLost;
    }

    /** Both passes; the result is in fixed point, {@code [size, size, 3]}, by resized line and position along it. */
    private static int[] addLines(Lines lines, int size, ResampleFilter filter) {
        ResampleWeights along = ResampleWeights.of(filter, lines.length(), size);
        ResampleWeights across = ResampleWeights.of(filter, lines.count(), size);
        int[] resampled = new int[size * RgbImage.CHANNELS]; // [size, 3]
        int[] sums = new int[size * resampled.length];
        Arrays.fill(sums, HALF);
        int begin = 0;
        int end = 0;
        for (int line = 0; line < lines.count(); line++) {
            // This line belongs to the resized lines from begin to before end; both bounds only ever grow.
            while (end < size && across.first(end) <= line) {
                end++;
            }
            while (begin < end && across.end(begin) <= line) {
                begin++;
            }
            resample(lines, line, along, resampled);
            for (int resized = begin; resized < end; resized++) {
                int weight = across.weights(resized)[line - across.first(resized)];
                addWeighted(resampled, weight, sums, resized * resampled.length);
            }
        }
        return sums;
    }

    private static void resample(Lines lines, int line, ResampleWeights along, int[] resampled) {
        byte[] rgb = lines.rgb();
        for (int i = 0; i < along.size(); i++) {
            int sample = line * lines.lineStride() + along.first(i) * lines.pixelStride();
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int weight : along.weights(i)) {
                red += weight * (rgb[sample] & 0xff);
                green += weight * (rgb[sample + 1] & 0xff);
                blue += weight * (rgb[sample + 2] & 0xff);
                sample += lines.pixelStride();
            }
            resampled[i * RgbImage.CHANNELS] = clip(red);
            resampled[i * RgbImage.CHANNELS + 1] = clip(green);
            resampled[i * RgbImage.CHANNELS + 2] = clip(blue);
        }
    }

    private static void addWeighted(int[] line, int weight, int[] sums, int offset) {
        for (int i = 0; i < line.length; i++) {
            sums[offset + i] += weight * line[i];
        }
    }

    private static int clip(int sum) {
        return Math.clamp(sum >> ResampleWeights.FRACTION_BITS, 0, 255);
    }

    /**
     * An image as rows from top to bottom or as columns from left to right.
     *
     * @param rgb its samples
     * @param count how many lines
     * @param length pixels along a line
     * @param lineStride samples from a line to the next
     * @param pixelStride samples from a pixel of a line to the next
     */
    private record Lines(byte[] rgb, int count, int length, int lineStride, int pixelStride) {

        static Lines rows(RgbImage image) {
            int row = image.width() * RgbImage.CHANNELS;
            return new Lines(image.rgb(), image.height(), image.width(), row, RgbImage.CHANNELS);
        }

        static Lines columns(RgbImage image) {
            int row = image.width() * RgbImage.CHANNELS;
            return new Lines(image.rgb(), image.width(), image.height(), RgbImage.CHANNELS, row);
        }
    }
}
