package io.tandem.engine.cpu;

/** Memory that the workers share during one operation; it belongs to the holder of the pool's turn. */
final class Workspace {

    /** For the part of merged attention that is on states. */
    final AbsorbedBuffers absorbed = new AbsorbedBuffers();

    private float[] packed = new float[0];
    private float[] partials = new float[0];
    private int[] splits = new int[0];
    private int[] rowStarts = new int[0];

    /** Rows or keys in the order that a kernel reads them; at least {@code length} floats of undefined contents. */
    float[] packed(long length) {
        if (length > packed.length) {
            packed = new float[Math.toIntExact(length)];
        }
        return packed;
    }

    /** Unfinished attention results; at least {@code length} floats of undefined contents. */
    float[] partials(long length) {
        if (length > partials.length) {
            partials = new float[Math.toIntExact(length)];
        }
        return partials;
    }

    /** Which split of the keys belongs to which row; at least {@code length} entries of undefined contents. */
    int[] splits(int length) {
        if (length > splits.length) {
            splits = new int[length];
        }
        return splits;
    }

    /** Where each row's splits start; at least {@code length} entries of undefined contents. */
    int[] rowStarts(int length) {
        if (length > rowStarts.length) {
            rowStarts = new int[length];
        }
        return rowStarts;
    }
}
