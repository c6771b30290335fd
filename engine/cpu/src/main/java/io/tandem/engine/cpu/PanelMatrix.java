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
     * Widens a slice of two vectors of columns to fp32 and multiplies rows with it.
     *
     * @param tile rows and sums as {@link RowKernels} take them; b has room for the slice and is filled with it
     * @param input first input of the slice
     * @param column first of its columns in the panel
     */
    void widenAndMultiply(Tile tile, int panel, int input, int column);

    /** Turns the sums of a panel into products: the 64 of row r are from {@code offset + r * stride} on. */
    void finish(float[] sums, int offset, int stride, int rows, int panel);

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
