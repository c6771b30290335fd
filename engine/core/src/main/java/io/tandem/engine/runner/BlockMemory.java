package io.tandem.engine.runner;

import io.tandem.engine.model.EncoderAbsorption;
import io.tandem.engine.model.EncoderProjection;
import io.tandem.engine.model.Model;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.StateBlock;

/** A segment's block, and while it is being filled what fills it. Filled by one thread, then only read. */
final class BlockMemory implements EncoderMemory {

    /** Rows that are appended in one turn. */
    private static final int TURN_ROWS = 64;

    private final ComputeTurns turns;
    private final EncoderBlock block;
    private final Filling filling;
    private final Runnable closeFilling;
    private volatile int appended;

    /** Appends the states of the tokens from {@code firstToken} on, {@code rows} of them from {@code firstRow} on. */
    private interface Filling {
        void append(int firstToken, float[] states, int firstRow, int rows);
    }

    private BlockMemory(ComputeTurns turns, EncoderBlock block, Filling filling, Runnable closeFilling) {
        this.turns = turns;
        this.block = block;
        this.filling = filling;
        this.closeFilling = closeFilling;
    }

    static BlockMemory of(MemoryForm form, Model model, ComputeTurns turns, int tokens) {
        return switch (form) {
            case PROJECTED -> {
                KvBlock block = model.newBlock(tokens);
                EncoderProjection projection = model.newProjection();
                yield new BlockMemory(
                        turns,
                        block,
                        (token, states, row, rows) -> projection.append(block, token, states, row, rows),
                        projection::close);
            }
            case ABSORBED -> {
                StateBlock block = model.newStateBlock(tokens);
                EncoderAbsorption absorption = model.newAbsorption();
                yield new BlockMemory(
                        turns,
                        block,
                        (token, states, row, rows) -> absorption.append(block, token, states, row, rows),
                        absorption::close);
            }
        };
    }

    EncoderBlock block() {
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
                filling.append(first + row, states, row, count);
            }
        }
        appended = first + rows;
        if (complete()) {
            closeFilling.run();
        }
    }

    @Override
    public boolean complete() {
        return appended == tokens();
    }

    @Override
    public void close() {
        closeFilling.run();
        block.close();
    }
}
