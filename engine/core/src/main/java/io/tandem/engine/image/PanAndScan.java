package io.tandem.engine.image;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts wide images into columns and tall ones into rows, so that the tower sees them larger as well.
 *
 * @param minCropSize {@code pan_and_scan_min_crop_size}, in pixels; an image whose crops would be smaller is not cut
 * @param maxCrops {@code pan_and_scan_max_num_crops}
 * @param minRatio {@code pan_and_scan_min_ratio_to_activate}, of the longer to the shorter side
 */
public record PanAndScan(int minCropSize, int maxCrops, double minRatio) {

    /** The crops of an image from left to right or from top to bottom; none if it is not to be cut. */
    List<RgbImage> crops(RgbImage image) {
        int width = image.width();
        int height = image.height();
        boolean wide = width >= height;
        int longer = Math.max(width, height);
        int shorter = Math.min(width, height);
        double ratio = (double) longer / shorter;
        if (ratio < minRatio) {
            return List.of();
        }
        int wanted = Math.min(longer / minCropSize, (int) Math.floor(ratio + 0.5));
        int count = Math.min(maxCrops, Math.max(2, wanted));
        int length = Math.ceilDiv(longer, count);
        if (Math.min(length, shorter) < minCropSize) {
            return List.of();
        }
        List<RgbImage> crops = new ArrayList<>();
        // Rounding the length up makes the last crop shorter, and with very few pixels could leave nothing for it.
        IntStream.iterate(0, start -> start < longer, start -> start + length).forEach(start -> {
            int rest = Math.min(length, longer - start);
            crops.add(wide ? image.crop(start, 0, rest, height) : image.crop(0, start, width, rest));
        });
        return crops;
    }
}
