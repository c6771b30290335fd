package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.Patches;

/** What only pictures need: cutting them into patches, and averaging neighbours. */
final class ReferencePixels {

    private ReferencePixels() {}

    static void patchify(HeapTensor from, Patches patches, HeapTensor to) {
        int size = patches.patchSize();
        int side = patches.side();
        for (int row = 0; row < to.rows(); row++) {
            int image = from.start(row / patches.patchesPerImage());
            int top = row % patches.patchesPerImage() / patches.patchesPerSide() * size;
            int left = row % patches.patchesPerSide() * size;
            int at = to.start(row);
            for (int channel = 0; channel < patches.channels(); channel++) {
                for (int y = 0; y < size; y++) {
                    int line = image + (channel * side + top + y) * side + left;
                    System.arraycopy(from.values(), line, to.values(), at, size);
                    at += size;
                }
            }
        }
    }

    static void averagePool(HeapTensor from, int side, int kernel, HeapTensor to) {
        int pooledSide = side / kernel;
        for (int row = 0; row < to.rows(); row++) {
            int image = row / (pooledSide * pooledSide) * side * side;
            int top = row / pooledSide % pooledSide * kernel;
            int left = row % pooledSide * kernel;
            for (int column = 0; column < to.columns(); column++) {
                double sum = 0;
                for (int y = top; y < top + kernel; y++) {
                    for (int cell = left; cell < left + kernel; cell++) {
                        sum += from.values()[from.start(image + y * side + cell) + column];
                    }
                }
                to.values()[to.start(row) + column] = (float) (sum / (kernel * kernel));
            }
        }
    }
}
