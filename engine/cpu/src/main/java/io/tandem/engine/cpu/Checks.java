package io.tandem.engine.cpu;

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
}
