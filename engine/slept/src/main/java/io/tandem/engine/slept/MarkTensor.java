package io.tandem.engine.slept;

import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/**
 * A tensor that keeps one number of each row: a mark of what the row comes from, below 2^24, so that it is exact in the one fp32 value
 * by which it leaves the backend. Mutable, as tensors are.
 */
final class MarkTensor implements Tensor {

    private static final int MARK_BITS = 24;

    private final int columns;
    private int rows;
    private int[] marks;

    MarkTensor(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        this.marks = new int[rows];
    }

    static MarkTensor of(Tensor tensor) {
        return (MarkTensor) tensor;
    }

    /** What two marks make together; the order counts. */
    static int mix(int mark, int other) {
        int mixed = mark * 0x9E3779B9 + other;
        mixed = (mixed ^ (mixed >>> 16)) * 0x85EBCA6B;
        mixed = (mixed ^ (mixed >>> 13)) * 0xC2B2AE35;
        return (mixed ^ (mixed >>> 16)) >>> (Integer.SIZE - MARK_BITS);
    }

    int mark(int row) {
        return marks[row];
    }

    void mark(int row, int mark) {
        marks[row] = mark;
    }

    /** Takes over what the rows of another one come from. */
    void copy(MarkTensor source, int from, int to, int count) {
        System.arraycopy(source.marks, from, marks, to, count);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public Tensor resize(int newRows) {
        if (newRows > marks.length) {
            marks = Arrays.copyOf(marks, Math.max(newRows, 2 * marks.length));
        }
        rows = newRows;
        return this;
    }

    @Override
    public void close() {
        // The collector's.
    }
}
