package io.tandem.engine.cpu;

import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.StateBlock;
import java.util.List;

/**
 * Cuts the keys of each decoder row into splits of at most 128, which workers handle apart: own keys at multiples of 128
 * decoder tokens, then each encoder block from its start. States are cut by themselves, into longer splits, since each leaves
 * a sum as wide as a state. Where the cuts are depends on nothing but the row.
 *
 * @param count splits of all rows
 * @param table 4 numbers a split: row, source (-1 for own keys, else the encoder block), first token, end
 * @param rowStarts first split of each row, and the count at the end
 */
record KeySplits(int count, int[] table, int[] rowStarts) {

    static final int SIZE = 128;
    static final int STATES = 512;
    static final int OWN = -1;

    private static final int FIELDS = 4;

    /** Own keys, and those of blocks that have keys. */
    static KeySplits of(MergedAttention layer, DecoderRows rows, SplitBuffers buffers) {
        int total = 0;
        for (int row = 0; row < rows.count(); row++) {
            total += ownSplits(layer, rows, row);
            List<? extends EncoderBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                total += blocks.get(i) instanceof KvBlock block ? Math.ceilDiv(block.capacity(), SIZE) : 0;
            }
        }
        KeySplits splits = new KeySplits(total, buffers.table(total * FIELDS), buffers.rowStarts(rows.count() + 1));
        splits.fill(layer, rows);
        return splits;
    }

    /** Blocks that have states. */
    static KeySplits ofStates(MergedAttention layer, DecoderRows rows, SplitBuffers buffers) {
        int total = 0;
        for (int row = 0; row < rows.count(); row++) {
            List<? extends EncoderBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                total += blocks.get(i) instanceof StateBlock block ? Math.ceilDiv(block.capacity(), STATES) : 0;
            }
        }
        KeySplits splits = new KeySplits(total, buffers.table(total * FIELDS), buffers.rowStarts(rows.count() + 1));
        splits.fillStates(layer, rows);
        return splits;
    }

    private void fill(MergedAttention layer, DecoderRows rows) {
        int split = 0;
        for (int row = 0; row < rows.count(); row++) {
            rowStarts[row] = split;
            int first = firstOwn(layer, rows.position(row));
            split = cut(split, new Source(row, OWN, SIZE), first, rows.position(row) + 1);
            List<? extends EncoderBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i) instanceof KvBlock block) {
                    CpuKvBlock.of(block).checkFilled(layer.layer());
                    split = cut(split, new Source(row, i, SIZE), 0, block.capacity());
                }
            }
        }
        rowStarts[rows.count()] = split;
    }

    private void fillStates(MergedAttention layer, DecoderRows rows) {
        int split = 0;
        for (int row = 0; row < rows.count(); row++) {
            rowStarts[row] = split;
            List<? extends EncoderBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i) instanceof StateBlock block) {
                    CpuStateBlock.of(block).checkFilled(layer.layer());
                    split = cut(split, new Source(row, i, STATES), 0, block.capacity());
                }
            }
        }
        rowStarts[rows.count()] = split;
    }

    /** What is cut for a row, and how long pieces may be. */
    private record Source(int row, int source, int size) {}

    private int cut(int split, Source cut, int first, int end) {
        int next = split;
        int size = cut.size;
        for (int token = first; token < end; token = (token / size + 1) * size) {
            int at = next * FIELDS;
            table[at] = cut.row;
            table[at + 1] = cut.source;
            table[at + 2] = token;
            table[at + 3] = Math.min(end, (token / size + 1) * size);
            next++;
        }
        return next;
    }

    private static int ownSplits(MergedAttention layer, DecoderRows rows, int row) {
        int position = rows.position(row);
        return position / SIZE - firstOwn(layer, position) / SIZE + 1;
    }

    private static int firstOwn(MergedAttention layer, int position) {
        return layer.window() > position ? 0 : position - layer.window() + 1;
    }

    int row(int split) {
        return table[split * FIELDS];
    }

    /** Encoder block, or {@link #OWN}. */
    int source(int split) {
        return table[split * FIELDS + 1];
    }

    int firstToken(int split) {
        return table[split * FIELDS + 2];
    }

    int endToken(int split) {
        return table[split * FIELDS + 3];
    }
}
