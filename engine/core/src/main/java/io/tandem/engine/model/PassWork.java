package io.tandem.engine.model;

/**
 * Multiply-adds that a row takes in each step of a pass, so that pieces of a pass take about the same time.
 *
 * @param embed for its first state
 * @param keys for its key and value
 * @param pack to lay them out
 * @param rest for the rest of a layer, scores and weighted sums apart
 * @param perKey for each key that it sees, over all heads
 * @param normalise for the last norm
 * @param windows for each layer the most keys that a row sees
 */
record PassWork(long embed, long keys, long pack, long rest, long perKey, long normalise, int... windows) {

    /** Multiply-adds in the time that it takes to move a value. */
    static final long MOVE = 64;

    int layers() {
        return windows.length;
    }

    /** All of a layer from the queries on, in segments of {@code length} rows or fewer. */
    long attend(int layer, int length) {
        return rest + perKey * Math.min(length, windows[layer]);
    }

    /** The whole pass of {@code rows} rows. */
    long total(int rows, int length) {
        long perRow = embed + normalise;
        for (int layer = 0; layer < layers(); layer++) {
            perRow += keys + pack + attend(layer, length);
        }
        return rows * perRow;
    }
}
