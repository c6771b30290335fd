package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The softmax of some query rows as far as keys have been seen. Mutable; lives in the scratch memory of the worker that made it.
 *
 * <p>Scores are powers of two, not of e, and come a slice of rows at a time, [keys, slice]: a lane is a row, whose maximum and
 * sum need no horizontal step, and the weights lie as the product with the values reads them.
 */
final class RunningSoftmax {

    private static final int SLICE = PackedKeyValues.SLICE;

    /** Below every score, and finite, so that differences of it are numbers. */
    private static final float LOWEST = -1e30f;

    private final int rows;
    private final int columns;
    private final float[] maxima;
    private final float[] totals;
    private final float[] corrections;
    private final float[] sums;

    /**
     * No key seen yet.
     *
     * @param rows query rows, a multiple of a slice
     * @param columns values a row, a multiple of 16
     */
    RunningSoftmax(Scratch scratch, int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        maxima = scratch.floats(Slot.MAXIMA, rows);
        totals = scratch.floats(Slot.SUMS, rows);
        corrections = scratch.floats(Slot.CORRECTIONS, SLICE);
        sums = scratch.floats(Slot.PRODUCT, rows * columns);
        Arrays.fill(maxima, 0, rows, LOWEST);
        Arrays.fill(totals, 0, rows, 0.0f);
        Arrays.fill(sums, 0, rows * columns, 0.0f);
    }

    /** What the weights of each row multiply is added up here, in slices of columns, each [rows, width of the slice]. */
    float[] sums() {
        return sums;
    }

    /** Where the sums of a row are in the slice of columns from {@code column} on. */
    int sumsAt(int row, int column) {
        return column * rows + row * width(column);
    }

    private int width(int column) {
        return Math.min(SLICE, columns - column);
    }

    /**
     * Turns scores into weights relative to the new maxima of a slice, and makes its sums relative to them too.
     *
     * @param scores [keys, slice], from the start of the array on; overwritten
     * @param row first row of the slice
     * @param count rows of it that there are
     */
    void weigh(float[] scores, int keys, int row, int count) {
        raiseMaxima(scores, keys * SLICE, row);
        FloatVector maximum0 = FloatVector.fromArray(FLOATS, maxima, row);
        FloatVector maximum1 = FloatVector.fromArray(FLOATS, maxima, row + COUNT);
        FloatVector total0 =
                FloatVector.fromArray(FLOATS, totals, row).mul(FloatVector.fromArray(FLOATS, corrections, 0));
        FloatVector total1 = FloatVector.fromArray(FLOATS, totals, row + COUNT)
                .mul(FloatVector.fromArray(FLOATS, corrections, COUNT));
        for (int at = 0; at < keys * SLICE; at += SLICE) {
            FloatVector weight0 = VectorMath.powerOfTwo(
                    FloatVector.fromArray(FLOATS, scores, at).sub(maximum0));
            FloatVector weight1 = VectorMath.powerOfTwo(
                    FloatVector.fromArray(FLOATS, scores, at + COUNT).sub(maximum1));
            weight0.intoArray(scores, at);
            weight1.intoArray(scores, at + COUNT);
            total0 = total0.add(weight0);
            total1 = total1.add(weight1);
        }
        total0.intoArray(totals, row);
        total1.intoArray(totals, row + COUNT);
        for (int i = 0; i < count; i++) {
            if (corrections[i] != 1.0f) {
                scale(row + i, corrections[i]);
            }
        }
    }

    /** Keys by twos, so that four comparisons are under way at a time. */
    private void raiseMaxima(float[] scores, int end, int row) {
        FloatVector before0 = FloatVector.fromArray(FLOATS, maxima, row);
        FloatVector before1 = FloatVector.fromArray(FLOATS, maxima, row + COUNT);
        FloatVector even0 = before0;
        FloatVector even1 = before1;
        FloatVector odd0 = before0;
        FloatVector odd1 = before1;
        int at = 0;
        for (; at + 2 * SLICE <= end; at += 2 * SLICE) {
            even0 = larger(even0, FloatVector.fromArray(FLOATS, scores, at));
            even1 = larger(even1, FloatVector.fromArray(FLOATS, scores, at + COUNT));
            odd0 = larger(odd0, FloatVector.fromArray(FLOATS, scores, at + SLICE));
            odd1 = larger(odd1, FloatVector.fromArray(FLOATS, scores, at + SLICE + COUNT));
        }
        if (at < end) {
            even0 = larger(even0, FloatVector.fromArray(FLOATS, scores, at));
            even1 = larger(even1, FloatVector.fromArray(FLOATS, scores, at + COUNT));
        }
        FloatVector maximum0 = larger(even0, odd0);
        FloatVector maximum1 = larger(even1, odd1);
        VectorMath.powerOfTwo(before0.sub(maximum0)).intoArray(corrections, 0);
        VectorMath.powerOfTwo(before1.sub(maximum1)).intoArray(corrections, COUNT);
        maximum0.intoArray(maxima, row);
        maximum1.intoArray(maxima, row + COUNT);
    }

    /** Two instructions; {@code max} takes six to order zeros and what is no number. */
    private static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }

    /** Stores the result of one row, {@code count} values. */
    void store(int row, float[] dst, int offset, int count) {
        scale(row, 1.0f / totals[row]);
        for (int column = 0; column < count; column += SLICE) {
            int copied = Math.min(SLICE, count - column);
            System.arraycopy(sums, sumsAt(row, column), dst, offset + column, copied);
        }
    }

    private void scale(int row, float factor) {
        for (int column = 0; column < columns; column += SLICE) {
            int at = sumsAt(row, column);
            for (int i = at; i < at + width(column); i += COUNT) {
                FloatVector.fromArray(FLOATS, sums, i).mul(factor).intoArray(sums, i);
            }
        }
    }
}
