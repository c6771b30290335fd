package io.tandem.engine.cpu;

import io.tandem.engine.ops.AttentionShape;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of a batch as the kernels read them, made once for all queries of a layer: for each block and head the keys in
 * tiles of 8, [tile, headDim, 8], and the values in slices of two vectors of columns, [slice, tokens, 2 vectors].
 *
 * @param blocks the tokens
 * @param shape heads and their size
 * @param keys in the workspace of the turn
 * @param values in the workspace of the turn
 */
record PackedKeyValues(SegmentBlocks blocks, AttentionShape shape, float[] keys, MemorySegment values) {

    /** Rows or columns that are multiplied in one go: a slice of a block stays in the first-level cache. */
    static final int SLICE = 2 * Lanes.COUNT;

    static PackedKeyValues in(Workspace workspace, SegmentBlocks blocks, AttentionShape shape) {
        long rows = (long) blocks.count() * shape.kvHeads() * blocks.size();
        return new PackedKeyValues(
                blocks,
                shape,
                workspace.packed(rows * shape.headDim()),
                workspace.values.floats(rows * valueColumns(shape)));
    }

    /** Columns of a row of values: a whole number of vectors of any width. */
    static int valueColumns(AttentionShape shape) {
        return Lanes.roundUp(shape.headDim(), Lanes.VIRTUAL);
    }

    /** Packs one head of one block of k and v [rows, G*h]. */
    void pack(int block, int head, CpuTensor k, CpuTensor v) {
        int headDim = shape.headDim();
        int row = blocks.row(block);
        int count = blocks.length(block);
        for (int tile = 0; tile < count; tile += PackedRows.TILE) {
            int source = (row + tile) * k.columns() + head * headDim;
            int rows = Math.min(PackedRows.TILE, count - tile);
            new PackedRows(k.data(), source, k.columns(), rows, headDim)
                    .packTile(keys, keysAt(block, head, tile), PackedRows.TILE);
        }
        for (int column = 0; column < headDim; column += SLICE) {
            int width = sliceWidth(column);
            int copied = Math.min(width, headDim - column);
            for (int i = 0; i < count; i++) {
                int source = (row + i) * v.columns() + head * headDim + column;
                MemorySegment.copy(v.data(), source, values, CpuKv.FLOAT, valuesAt(block, head, column, i), copied);
            }
        }
    }

    /** Columns of the slice of values that starts at {@code column}: the last may be narrower. */
    int sliceWidth(int column) {
        return Math.min(SLICE, valueColumns(shape) - column);
    }

    /** Where the tile that starts with key {@code key} of the block is. */
    int keysAt(int block, int head, int key) {
        return ((block * shape.kvHeads() + head) * blocks.size() + key) * shape.headDim();
    }

    /** Where the slice from {@code column} on has its values of key {@code key} of the block, in bytes. */
    long valuesAt(int block, int head, int column, int key) {
        long row = (long) (block * shape.kvHeads() + head) * blocks.size();
        long floats = row * valueColumns(shape) + (long) column * blocks.size() + (long) key * sliceWidth(column);
        return floats * Float.BYTES;
    }
}
