package io.tandem.engine.runner;

import io.tandem.engine.model.EncoderProjection;
import io.tandem.engine.model.Model;
import io.tandem.engine.ops.KvBlock;

/** A segment's keys and values, and while it is being filled what fills it. Filled by one thread, then only read. */
final class ProjectedMemory implements EncoderMemory {

    /** Rows that are projected in one turn. */
    private static final int TURN_ROWS = 64;

    private final ComputeTurns turns;
    private final KvBlock block;
    private final EncoderProjection projection;
    private volatile int appended;

    ProjectedMemory(Model model, ComputeTurns turns, int tokens) {
        this.turns = turns;
        this.block = model.newBlock(tokens);
        this.projection = model.newProjection();
    }

    KvBlock block() {
        return block;
    }

    @Override
    public int tokens() {
        return block.capacity();
    }

    @Override
    public long bytes() {
        return block.bytes();
    }

    @Override
    public void append(float[] states, int rows) {
        int first = appended;
        if (rows < 1 || rows > tokens() - first) {
            throw new IllegalArgumentException(
                    "%d rows after %d do not fit a segment of %d tokens".formatted(rows, first, tokens()));
        }
        for (int row = 0; row < rows; row += TURN_ROWS) {
            int count = Math.min(TURN_ROWS, rows - row);
            try (ComputeTurns.Turn turn = turns.take(ComputeTurns.Role.MEMORY)) {
                projection.append(block, first + row, states, row, count);
            }
        }
        appended = first + rows;
        if (complete()) {
            projection.close();
        }
    }

    @Override
    public boolean complete() {
        return appended == tokens();
    }

    @Override
    public void close() {
        projection.close();
        block.close();
    }
}
