package io.tandem.engine.ops;

/**
 * How an image is cut into patches.
 *
 * @param channels colours, 3
 * @param patchSize pixels a side of a patch
 * @param patchesPerSide patches a side of the image
 */
public record Patches(int channels, int patchSize, int patchesPerSide) {

    /** Values of one patch. */
    public int patchValues() {
        return channels * patchSize * patchSize;
    }

    /** Patches of one image. */
    public int patchesPerImage() {
        return patchesPerSide * patchesPerSide;
    }

    /** Pixels a side of the image that the patches cover. */
    public int side() {
        return patchSize * patchesPerSide;
    }
}
