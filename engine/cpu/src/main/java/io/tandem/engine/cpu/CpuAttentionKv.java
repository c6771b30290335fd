package io.tandem.engine.cpu;

import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Segments;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Keys and values of a ragged batch in blocks of 64 tokens, counted from the start of each segment: keys row by row,
 * values in slices of two vectors of columns, each [64, 2 vectors]. The blocks of a head lie one behind the other, as they are read.
 *
 * <p>Mutable; filled and read by the holder of the pool's turn and its workers.
 */
final class CpuAttentionKv implements AttentionKv {

    /** Tokens of a block. */
    static final int BLOCK = 64;

    /** Columns of values that are multiplied in one go; a slice of 64 rows stays in the first-level cache. */
    private static final int SLICE = 2 * Lanes.COUNT;

    private final AttentionShape shape;
    private final int headDim;
    private final int valueColumns;
    private final NativeBuffer valueBuffer = new NativeBuffer();
    private Segments segments = new Segments();
    private int[] segmentOfBlock = new int[0];
    private int[] firstBlock = new int[1];
    private float[] keys = new float[0];
    private MemorySegment values = MemorySegment.NULL;

    CpuAttentionKv(AttentionShape shape) {
        this.shape = shape;
        headDim = shape.headDim();
        valueColumns = Lanes.roundUp(headDim, Lanes.VIRTUAL);
    }

    static CpuAttentionKv of(AttentionKv kv) {
        if (kv instanceof CpuAttentionKv own) {
            return own;
        }
        throw new IllegalArgumentException("keys and values were laid out by another backend: "
                + (kv == null ? "null" : kv.getClass().getName()));
    }

    AttentionShape shape() {
        return shape;
    }

    Segments segments() {
        return segments;
    }

    /** Values a head, padded to whole vectors. */
    int valueColumns() {
        return valueColumns;
    }

    float[] keys() {
        return keys;
    }

    MemorySegment values() {
        return values;
    }

    /** Takes over keys and values [rows, G*h]. */
    void fill(Segments batch, CpuTensor k, CpuTensor v, WorkerPool pool) {
        Checks.shape("k", k, batch.rows(), shape.kvColumns());
        Checks.shape("v", v, batch.rows(), shape.kvColumns());
        try (WorkerPool.Turn turn = pool.turn()) {
            divide(batch);
            long heads = (long) segmentOfBlock.length * shape.kvHeads();
            int length = Math.toIntExact(heads * BLOCK * headDim);
            if (length > keys.length) {
                keys = new float[length];
            }
            values = valueBuffer.floats(heads * BLOCK * valueColumns);
            turn.run(segmentOfBlock.length, (block, scratch) -> packBlock(block, k, v));
        }
    }

    private void divide(Segments batch) {
        segments = batch;
        firstBlock = new int[batch.count() + 1];
        for (int i = 0; i < batch.count(); i++) {
            firstBlock[i + 1] = firstBlock[i] + Math.ceilDiv(batch.length(i), BLOCK);
        }
        segmentOfBlock = new int[firstBlock[batch.count()]];
        for (int i = 0; i < batch.count(); i++) {
            Arrays.fill(segmentOfBlock, firstBlock[i], firstBlock[i + 1], i);
        }
    }

    private void packBlock(int block, CpuTensor k, CpuTensor v) {
        int row = segments.start(segmentOfBlock[block]) + blockToken(block);
        int count = blockRows(block);
        for (int head = 0; head < shape.kvHeads(); head++) {
            int at = keysAt(block, head);
            for (int i = 0; i < count; i++) {
                System.arraycopy(k.data(), (row + i) * k.columns() + head * headDim, keys, at + i * headDim, headDim);
            }
            for (int column = 0; column < headDim; column += SLICE) {
                int source = row * v.columns() + head * headDim + column;
                packValues(v, source, count, column, valuesAt(block, head, column));
            }
        }
    }

    private void packValues(CpuTensor v, int source, int rows, int column, long at) {
        int width = sliceWidth(column);
        int count = Math.min(width, headDim - column);
        for (int i = 0; i < rows; i++) {
            long target = at + (long) i * width * Float.BYTES;
            MemorySegment.copy(v.data(), source + i * v.columns(), values, CpuKv.FLOAT, target, count);
        }
    }

    /** Columns of the slice of values that starts at {@code column}: the last may be narrower. */
    int sliceWidth(int column) {
        return Math.min(SLICE, valueColumns - column);
    }

    /** Block of a segment that has its token {@code token}. */
    int blockOf(int segment, int token) {
        return firstBlock[segment] + token / BLOCK;
    }

    /** Token of the segment that the block starts with. */
    int blockToken(int block) {
        return (block - firstBlock[segmentOfBlock[block]]) * BLOCK;
    }

    int blockRows(int block) {
        return Math.min(BLOCK, segments.length(segmentOfBlock[block]) - blockToken(block));
    }

    /** Where the keys of a block and head start. */
    int keysAt(int block, int head) {
        return (head * segmentOfBlock.length + block) * BLOCK * headDim;
    }

    /** Byte at which the slice of a block's and head's values starts whose first column is {@code column}. */
    long valuesAt(int block, int head, int column) {
        long blockAt = (long) (head * segmentOfBlock.length + block) * BLOCK * valueColumns;
        return (blockAt + (long) column * BLOCK) * Float.BYTES;
    }

    @Override
    public void close() {
        keys = new float[0];
        values = MemorySegment.NULL;
        valueBuffer.close();
    }
}
