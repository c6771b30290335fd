package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.Tensor;
import java.util.Arrays;

/** Rows in one Java array. Mutable; owned by whoever asked for it, used by one thread at a time. */
final class HeapTensor implements Tensor {

    private final int columns;
    private int rows;
    private float[] values;

    HeapTensor(int rows, int columns) {
        if (rows < 0 || columns < 1) {
            throw new IllegalArgumentException(
                    "a tensor needs rows >= 0 and columns >= 1, not " + rows + " x " + columns);
        }
        this.rows = rows;
        this.columns = columns;
        this.values = new float[Math.multiplyExact(rows, columns)];
    }

    static HeapTensor of(Tensor tensor) {
        return (HeapTensor) tensor;
    }

    float[] values() {
        return values;
    }

    int start(int row) {
        return row * columns;
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
        int needed = Math.multiplyExact(newRows, columns);
        if (needed > values.length) {
            values = Arrays.copyOf(values, needed);
        }
        rows = newRows;
        return this;
    }

    @Override
    public void close() {
        values = new float[0];
        rows = 0;
    }
}
