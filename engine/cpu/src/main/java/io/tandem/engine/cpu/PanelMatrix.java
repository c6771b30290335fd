package io.tandem.engine.cpu;

import io.tandem.engine.ops.Weight;
import java.lang.foreign.MemorySegment;

/**
 * A weight in panels of 64 outputs, in native memory: panel p holds, for each input in order, the values of outputs 64 p to
 * 64 p + 63. Sums are made of the values as they are kept; {@link #finish} makes products of them.
 */
sealed interface PanelMatrix extends Weight permits PackedMatrix, QuantisedMatrix {

    static PanelMatrix of(Weight weight) {
        if (weight instanceof PanelMatrix own) {
            return own;
        }
        if (weight instanceof ScreenedMatrix screened) {
            return screened.exact();
        }
        throw new IllegalArgumentException("the weight was made by another backend: "
                + (weight == null ? "null" : weight.getClass().getName()));
    }

    MemorySegment memory();

    /** Where in the memory the values of an input in a panel start, in bytes. */
    long offset(int panel, int input);

    /** Rows that the kernel for 1 to 8 rows reads. */
    int fewRowsStep(int rows);

    /** Whether the kernel for 1 to 8 rows reads a panel from end to end, so that it need not be fetched first. */
    boolean streams(int rows);

    /** Adds the product of some rows with the panel of which {@code tile} has a part; {@code tile} has room for what the kernel reads. */
    void multiplyPanel(Tile tile, int rows);

    /**
     * Widens {@code depth} inputs of a panel to fp32, from {@code input} on.
     *
     * @param dst filled with one slice of two vectors of columns after the other, each [depth, 2 vectors]
     */
    void widenSlices(int panel, int input, int depth, MemorySegment dst);

    /** Turns the sums [rows, 64] of a panel into products. */
    void finish(float[] sums, int rows, int panel);

    /**
     * Copies the weights of one output, times a factor.
     *
     * @param dst filled from {@code offset} on, one value an input
     */
    void readOutput(int output, float factor, float[] dst, int offset);

    default int panels() {
        return Math.ceilDiv(outputs(), PackedMatrix.PANEL);
    }
}
