package io.tandem.engine.cpu;

import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.MergedAttention;
import java.util.List;

/**
 * Cuts the keys of each decoder row into splits of at most 512, which workers handle apart: own keys at multiples of 512
 * decoder tokens, then each encoder block from its start. Where the cuts are depends on nothing but the row.
 *
 * @param count splits of all rows
 * @param table 4 numbers a split: row, source (-1 for own keys, else the encoder block), first token, end
 * @param rowStarts first split of each row, and the count at the end
 */
record KeySplits(int count, int[] table, int[] rowStarts) {

    static final int SIZE = 512;
    static final int OWN = -1;

    private static final int FIELDS = 4;

    static KeySplits of(MergedAttention layer, DecoderRows rows, Workspace workspace) {
        int total = 0;
        for (int row = 0; row < rows.count(); row++) {
            total += ownSplits(layer, rows, row);
            List<KvBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                total += Math.ceilDiv(blocks.get(i).capacity(), SIZE);
            }
        }
        KeySplits splits =
                new KeySplits(total, workspace.splits(total * FIELDS), workspace.rowStarts(rows.count() + 1));
        splits.fill(layer, rows);
        return splits;
    }

    private void fill(MergedAttention layer, DecoderRows rows) {
        int split = 0;
        for (int row = 0; row < rows.count(); row++) {
            rowStarts[row] = split;
            int first = firstOwn(layer, rows.position(row));
            split = cut(split, row, OWN, first, rows.position(row) + 1);
            List<KvBlock> blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                CpuKvBlock.of(blocks.get(i)).checkFilled(layer.layer());
                split = cut(split, row, i, 0, blocks.get(i).capacity());
            }
        }
        rowStarts[rows.count()] = split;
    }

    private int cut(int split, int row, int source, int first, int end) {
        int next = split;
        for (int token = first; token < end; token = (token / SIZE + 1) * SIZE) {
            int at = next * FIELDS;
            table[at] = row;
            table[at + 1] = source;
            table[at + 2] = token;
            table[at + 3] = Math.min(end, (token / SIZE + 1) * SIZE);
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
