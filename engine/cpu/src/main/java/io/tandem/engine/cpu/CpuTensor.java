package io.tandem.engine.cpu;

import io.tandem.engine.ops.Tensor;

/** Rows of floats on the Java heap. Mutable; owned by whoever asked for it, used by one thread at a time. */
final class CpuTensor implements Tensor {

    /** Floats behind the last row, so that a kernel may read whole panels of columns of it. */
    private static final int SLACK = PackedMatrix.PANEL;

    private final int columns;
    private float[] data;
    private int rows;

    CpuTensor(int rows, int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("a tensor needs columns, got " + columns);
        }
        this.columns = columns;
        this.data = new float[0];
        resize(rows);
    }

    static CpuTensor of(Tensor tensor) {
        if (tensor instanceof CpuTensor own) {
            return own;
        }
        throw new IllegalArgumentException("the tensor was made by another backend: "
                + (tensor == null ? "null" : tensor.getClass().getName()));
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
    public CpuTensor resize(int newRows) {
        if (newRows < 0) {
            throw new IllegalArgumentException("a tensor can't have " + newRows + " rows");
        }
        long needed = (long) newRows * columns + SLACK;
        if (needed > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("%d rows of %d values are more than the %d that a tensor holds"
                    .formatted(newRows, columns, Integer.MAX_VALUE - 8 - SLACK));
        }
        if (needed > data().length) {
            data = new float[(int) needed];
        }
        rows = newRows;
        return this;
    }

    /** [rows, columns], row-major, with slack behind it. */
    float[] data() {
        if (data == null) {
            throw new IllegalStateException("the tensor is closed");
        }
        return data;
    }

    @Override
    public void close() {
        data = null;
    }
}
