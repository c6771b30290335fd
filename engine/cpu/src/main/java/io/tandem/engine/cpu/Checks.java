package io.tandem.engine.cpu;

import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Tensor;

/** Refuses operands that don't fit each other, naming both numbers. */
final class Checks {

    private Checks() {}

    static void shape(String name, CpuTensor tensor, int rows, int columns) {
        rows(name, tensor, rows);
        columns(name, tensor, columns);
    }

    static void rows(String name, CpuTensor tensor, int rows) {
        if (tensor.rows() != rows) {
            throw new IllegalArgumentException("%s has %d rows, expected %d".formatted(name, tensor.rows(), rows));
        }
    }

    static void columns(String name, CpuTensor tensor, int columns) {
        if (tensor.columns() != columns) {
            throw new IllegalArgumentException(
                    "%s has %d columns, expected %d".formatted(name, tensor.columns(), columns));
        }
    }

    /** A one-row tensor of parameters. */
    static CpuTensor parameters(String name, CpuTensor tensor, int columns) {
        shape(name, tensor, 1, columns);
        return tensor;
    }

    static void index(String name, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("%s is %d, there are %d".formatted(name, index, count));
        }
    }

    /** An array that has at least an entry a row. */
    static void entries(String name, int[] array, int count) {
        if (array.length < count) {
            throw new IllegalArgumentException("%s has %d entries for %d rows".formatted(name, array.length, count));
        }
    }

    /** Rows that lie in a tensor. */
    static void range(String name, CpuTensor tensor, int row, int rows) {
        if (row < 0 || rows < 0 || row > tensor.rows() - rows) {
            throw new IllegalArgumentException(
                    "%s has %d rows, asked for %d from row %d on".formatted(name, tensor.rows(), rows, row));
        }
    }

    /** A stored tensor that has outputs and inputs. */
    static void matrix(StoredTensor tensor) {
        if (tensor.shape().length < 2) {
            throw new IllegalArgumentException("tensor %s has %d dimensions, a matrix has at least 2"
                    .formatted(tensor.name(), tensor.shape().length));
        }
    }

    /** A bias for each output. */
    static void bias(Tensor bias, PanelMatrix matrix) {
        shape("bias", CpuTensor.of(bias), 1, matrix.outputs());
    }

    /** Operands of a product. */
    static void product(CpuTensor x, PanelMatrix weight, CpuTensor dst) {
        columns("x", x, weight.inputs());
        shape("dst", dst, x.rows(), weight.outputs());
    }

    /** Heads that share keys and values evenly. */
    static void heads(AttentionShape shape) {
        if (shape.kvHeads() < 1 || shape.heads() % shape.kvHeads() != 0) {
            throw new IllegalArgumentException(
                    "%d query heads can't share %d key/value heads evenly".formatted(shape.heads(), shape.kvHeads()));
        }
    }
}
