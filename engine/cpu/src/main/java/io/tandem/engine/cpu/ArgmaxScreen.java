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
    private final float[] errors;

    private ArgmaxScreen(QuantisedMatrix matrix, float[] errors) {
        this.matrix = matrix;
        this.errors = errors;
    }

    /** A screen for a stored matrix, or null where the proof doesn't hold for its values. */
    static ArgmaxScreen of(StoredTensor stored, WorkerPool pool) {
        int outputs = stored.shape()[0];
        if (stored.elements() / outputs > MOST_INPUTS) {
            return null;
        }
        float[] errors = new float[Lanes.roundUp(outputs, PackedMatrix.PANEL)];
        // What the last panel has too many is never the largest.
        Arrays.fill(errors, outputs, errors.length, Float.NEGATIVE_INFINITY);
        QuantisedMatrix matrix = QuantisedMatrix.of(
                stored, pool, (quantised, output, values) -> errors[output] = error(quantised, output, values));
        for (int output = 0; output < outputs; output++) {
            if (!(errors[output] < Float.POSITIVE_INFINITY)) {
                matrix.close();
                return null;
            }
        }
        return new ArgmaxScreen(matrix, errors);
    }

    /** {@code |w - s q| + gamma (|w| + s |q|)}, rounded up; infinite when a value is too large or no number. */
    private static float error(QuantisedMatrix quantised, int output, float[] values) {
        double scale = quantised.scales()[output];
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
     * Bounds the products of some rows with one panel of outputs.
     *
     * @param rows the rows, in the layout of the kernels
     * @param panel which outputs: from 64 * panel on
     * @param bounds takes the bounds and the largest of them
     */
    void bound(Rows rows, int panel, Scratch scratch, Bounds bounds) {
        int size = rows.step * PackedMatrix.PANEL;
        float[] sums = scratch.floats(Scratch.Slot.PRODUCT, size);
        Arrays.fill(sums, 0, size, 0.0f);
        long from = matrix.offset(panel, 0);
        if (!Int8Kernels.streams(rows.lengths.length)) {
            Fetch.read(matrix.memory(), from, matrix.offset(panel + 1, 0) - from, scratch);
        }
        Tile tile = scratch.tile;
        tile.result(sums, 0, PackedMatrix.PANEL);
        tile.left(rows.packed, 0, rows.step);
        tile.right(matrix.memory(), from, PackedMatrix.PANEL);
        tile.depth = matrix.inputs();
        Int8Kernels.multiplyPanel(tile, rows.lengths.length);
        for (int row = 0; row < rows.lengths.length; row++) {
            bounds.panelLargest[row * panels() + panel] = store(sums, row, rows.lengths[row], panel, bounds.uppers);
        }
    }

    private float store(float[] sums, int row, float length, int panel, float[] uppers) {
        FloatVector lengths = FloatVector.broadcast(FLOATS, length);
        FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int output = panel * PackedMatrix.PANEL;
        int at = row * errors.length + output;
        for (int i = 0; i < PackedMatrix.PANEL; i += COUNT) {
            FloatVector product = FloatVector.fromArray(FLOATS, sums, row * PackedMatrix.PANEL + i)
                    .mul(FloatVector.fromArray(FLOATS, matrix.scales(), output + i));
            FloatVector upper = lengths.fma(FloatVector.fromArray(FLOATS, errors, output + i), product);
            upper.intoArray(uppers, at + i);
            largest = largest.max(upper);
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    /** Entries a row has in {@link Bounds#uppers}. */
    int stride() {
        return errors.length;
    }

    /**
     * Rows of a product.
     *
     * @param packed value k of row r is at {@code k * step + r}
     * @param step rows that the kernel reads: the next of 1, 2, 4 or 8
     * @param lengths what {@link #length} gave for each row
     */
    record Rows(float[] packed, int step, float... lengths) {}

    /**
     * Upper bounds of the products.
     *
     * @param uppers [rows, stride]
     * @param panelLargest [rows, panels], the largest of each panel
     */
    record Bounds(float[] uppers, float[] panelLargest) {}

    @Override
    public void close() {
        matrix.close();
    }
}
