package io.tandem.engine.cpu;

/** Splits of attention and what each leaves; it belongs to the holder of the pool's turn, and grows when more is asked for. */
final class SplitBuffers {

    private float[] partials = new float[0];
    private int[] table = new int[0];
    private int[] rowStarts = new int[0];

    /** Unfinished results; at least {@code length} floats of undefined contents. */
    float[] partials(long length) {
        if (length > partials.length) {
            partials = new float[Math.toIntExact(length)];
        }
        return partials;
    }

    /** Which split belongs to which row; at least {@code length} entries of undefined contents. */
    int[] table(int length) {
        if (length > table.length) {
            table = new int[length];
        }
        return table;
    }

    /** Where each row's splits start; at least {@code length} entries of undefined contents. */
    int[] rowStarts(int length) {
        if (length > rowStarts.length) {
            rowStarts = new int[length];
        }
        return rowStarts;
    }
}
