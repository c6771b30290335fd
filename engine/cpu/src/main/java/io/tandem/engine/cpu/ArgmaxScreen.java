package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.checkpoint.StoredTensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * An int8 copy of a matrix with a bound on the error of each output, so that a product with a row x has an upper bound that costs
 * half the bytes: {@code upper = scale (q x) + |x| error}. docs/numerics.md has the proof.
 *
 * <p>Immutable; closed with the matrix that it is a copy of.
 */
final class ArgmaxScreen implements AutoCloseable {

    /** Rounding unit of fp32. */
    private static final double UNIT = 0x1p-24;

    /** Covers the rounding of norms, of bounds and of the last sum, each of which is far smaller. */
    private static final double MARGIN = 1 + 0x1p-20;

    /** Error that every output has at least, against underflow in either sum. */
    private static final double LEAST_ERROR = 0x1p-60;

    /** Lengths of x between which neither underflow nor overflow can void the proof. */
    private static final double SHORTEST = 0x1p-30;

    private static final double LONGEST = 0x1p30;

    /** Largest value and number of inputs of a matrix that the proof holds for. */
    private static final double LARGEST_VALUE = 0x1p30;

    private static final int MOST_INPUTS = 1 << 16;

    private final QuantisedMatrix matrix;

    private ArgmaxScreen(QuantisedMatrix matrix) {
        this.matrix = matrix;
    }

    /** A screen for a stored matrix, or null where the proof doesn't hold for its values. */
    static ArgmaxScreen of(StoredTensor stored, WorkerPool pool) {
        int outputs = stored.shape()[0];
        if (stored.elements() / outputs > MOST_INPUTS) {
            return null;
        }
        QuantisedMatrix matrix = QuantisedMatrix.of(stored, pool, ArgmaxScreen::error);
        for (int output = 0; output < outputs; output++) {
            if (!(matrix.error(output) < Float.POSITIVE_INFINITY)) {
                matrix.close();
                return null;
            }
        }
        return new ArgmaxScreen(matrix);
    }

    /** {@code |w - s q| + gamma (|w| + s |q|)}, rounded up; infinite when a value is too large or no number. */
    private static float error(QuantisedMatrix quantised, int output, float[] values) {
        double scale = quantised.scale(output);
        double weightSquares = 0;
        double copySquares = 0;
        double restSquares = 0;
        for (int i = 0; i < quantised.inputs(); i++) {
            double weight = values[i];
            if (!(Math.abs(weight) <= LARGEST_VALUE)) {
                return Float.POSITIVE_INFINITY;
            }
            double copy = scale * quantised.value(output, i);
            weightSquares += weight * weight;
            copySquares += copy * copy;
            restSquares += (weight - copy) * (weight - copy);
        }
        double roundings = (quantised.inputs() + 4) * UNIT;
        double gamma = roundings / (1 - roundings);
        double error = Math.sqrt(restSquares) + gamma * (Math.sqrt(weightSquares) + Math.sqrt(copySquares));
        return Math.nextUp((float) (error * MARGIN + LEAST_ERROR));
    }

    int outputs() {
        return matrix.outputs();
    }

    int panels() {
        return matrix.panels();
    }

    /** The length of a row, rounded up, or NaN when it is one that the proof doesn't hold for. */
    static float length(float[] x, int from, int count) {
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            squares += (double) x[i] * x[i];
        }
        double length = Math.sqrt(squares) * MARGIN;
        return length >= SHORTEST && length <= LONGEST ? Math.nextUp((float) length) : Float.NaN;
    }

    /**
     * Finds the largest upper bound of one panel of outputs for each of some rows.
     *
     * @param panel which outputs: from 64 * panel on
     * @param largest [rows, panels], of which it sets the column of the panel
     */
    void bound(Rows rows, int panel, Scratch scratch, float[] largest) {
        float[] sums = sums(rows, panel, scratch);
        for (int row = 0; row < rows.lengths.length; row++) {
            largest[row * panels() + panel] = toBounds(sums, row, rows.lengths[row], panel);
        }
    }

    /**
     * The upper bounds of one panel of outputs for one row.
     *
     * @param row a single one
     * @return a buffer of the worker that starts with 64 bounds: negative infinity for outputs that the last panel has too many
     */
    float[] uppers(Rows row, int panel, Scratch scratch) {
        float[] sums = sums(row, panel, scratch);
        toBounds(sums, 0, row.lengths[0], panel);
        return sums;
    }

    private float[] sums(Rows rows, int panel, Scratch scratch) {
        int size = rows.step * PackedMatrix.PANEL;
        float[] sums = scratch.floats(Scratch.Slot.PRODUCT, size);
        Arrays.fill(sums, 0, size, 0.0f);
        long from = matrix.offset(panel, 0);
        if (!Int8Kernels.streams(rows.lengths.length)) {
            Fetch.read(matrix.memory(), from, matrix.offset(panel + 1, 0) - from, scratch);
        }
        Tile tile = scratch.tile;
        tile.result(sums, 0, PackedMatrix.PANEL);
        tile.left(rows.packed, rows.from, rows.step);
        tile.right(matrix.memory(), from, PackedMatrix.PANEL);
        tile.depth = matrix.inputs();
        Int8Kernels.multiplyPanel(tile, rows.lengths.length);
        if (rows.lengths.length == 1) {
            // The kernel has read ahead of its own lines only: the next panel begins as many lines later as stand
            // between.
            long end = matrix.offset(panel, matrix.inputs());
            Fetch.read(matrix.memory(), end + Int8Kernels.AHEAD, matrix.offset(panel + 1, 0) - end, scratch);
        }
        return sums;
    }

    /** Turns the sums of a row into bounds and returns the largest of them. */
    private float toBounds(float[] sums, int row, float length, int panel) {
        FloatVector lengths = FloatVector.broadcast(FLOATS, length);
        FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < PackedMatrix.PANEL; i += COUNT) {
            int at = row * PackedMatrix.PANEL + i;
            int output = panel * PackedMatrix.PANEL + i;
            FloatVector product = FloatVector.fromArray(FLOATS, sums, at).mul(matrix.scales(output));
            FloatVector upper = lengths.fma(matrix.errors(output), product);
            upper.intoArray(sums, at);
            largest = largest.max(upper);
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    /**
     * Rows of a product.
     *
     * @param packed value k of row r is at {@code from + k * step + r}
     * @param step rows that the kernel reads: the next of 1, 2, 4 or 8
     * @param lengths what {@link #length} gave for each row
     */
    record Rows(float[] packed, int from, int step, float... lengths) {}

    @Override
    public void close() {
        matrix.close();
    }
}
