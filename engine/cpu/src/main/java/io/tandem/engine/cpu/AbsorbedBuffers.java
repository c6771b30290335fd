package io.tandem.engine.cpu;

/** What absorbed attention keeps between its stages; it belongs to the holder of the pool's turn, and grows when more is asked for. */
final class AbsorbedBuffers {

    /** Splits of the states. */
    final SplitBuffers splits = new SplitBuffers();

    private final CpuTensor[] tensors = new CpuTensor[Stage.values().length];
    private int[] places = new int[0];

    /** Rows a stage leaves for the next: one for each query head of each row that reads states. */
    enum Stage {
        /** Queries beside zeros for the other key/value heads, [places * H, G*h]. */
        SPREAD,
        /** What scores states, [places * H, d]. */
        QUERIES,
        /** Weighted sums of states, [places * H, d]. */
        SUMS,
        /** What these are as values of every key/value head, [places * H, G*h]. */
        VALUES
    }

    /** A tensor of undefined contents. */
    CpuTensor tensor(Stage stage, int rows, int columns) {
        CpuTensor tensor = tensors[stage.ordinal()];
        if (tensor == null || tensor.columns() != columns) {
            tensor = new CpuTensor(rows, columns);
            tensors[stage.ordinal()] = tensor;
        }
        return tensor.resize(rows);
    }

    /** For each row of a step its place among those that read states; at least {@code length} entries of undefined contents. */
    int[] places(int length) {
        if (length > places.length) {
            places = new int[length];
        }
        return places;
    }
}
