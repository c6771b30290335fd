package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention inside segments: blocks of 64 queries pass over blocks of 64 keys with a running softmax.
 *
 * <p>Blocks are counted from the start of a segment, so a row's sums have one order in any batch. Scores are held
 * transposed, [keys, queries]: a lane is a query, its maximum and its sum need no horizontal step, and the weights lie as the
 * product with the values reads them.
 */
final class RaggedAttention {

    /** Queries of a task and keys of a step. */
    private static final int BLOCK = 64;

    /** Columns that are multiplied in one go; a slice of 64 rows stays in the first-level cache. */
    private static final int SLICE = 2 * COUNT;

    /** Below every score, and finite, so that differences of it are numbers. */
    private static final float LOWEST = -1e30f;

    private final AttentionShape shape;
    private final Segments segments;
    private final Reach reach;
    private final CpuTensor q;
    private final CpuTensor k;
    private final CpuTensor v;
    private final CpuTensor dst;
    private final int headDim;
    private final int valueColumns;
    private final int[] segmentOfBlock;
    private final int[] firstBlock;
    private float[] keys;
    private MemorySegment values;

    private RaggedAttention(SelfAttention inputs, CpuTensor dst) {
        shape = inputs.shape();
        segments = inputs.segments();
        reach = inputs.reach();
        q = CpuTensor.of(inputs.q());
        k = CpuTensor.of(inputs.k());
        v = CpuTensor.of(inputs.v());
        this.dst = dst;
        headDim = shape.headDim();
        valueColumns = Lanes.roundUp(headDim, Lanes.VIRTUAL);
        Checks.shape("q", q, segments.rows(), shape.queryColumns());
        Checks.shape("k", k, segments.rows(), shape.kvColumns());
        Checks.shape("v", v, segments.rows(), shape.kvColumns());
        Checks.shape("dst", dst, segments.rows(), shape.queryColumns());
        firstBlock = new int[segments.count() + 1];
        for (int i = 0; i < segments.count(); i++) {
            firstBlock[i + 1] = firstBlock[i] + Math.ceilDiv(segments.length(i), BLOCK);
        }
        segmentOfBlock = new int[firstBlock[segments.count()]];
        for (int i = 0; i < segments.count(); i++) {
            Arrays.fill(segmentOfBlock, firstBlock[i], firstBlock[i + 1], i);
        }
    }

    /** Computes {@code dst} [rows, H*h]. */
    static void run(SelfAttention inputs, CpuTensor dst, WorkerPool pool) {
        RaggedAttention attention = new RaggedAttention(inputs, dst);
        try (WorkerPool.Turn turn = pool.turn()) {
            attention.run(turn);
        }
    }

    private void run(WorkerPool.Turn turn) {
        int blocks = segmentOfBlock.length;
        int heads = shape.heads();
        keys = turn.workspace().packed((long) blocks * shape.kvHeads() * BLOCK * headDim);
        values = turn.workspace().values.floats((long) blocks * shape.kvHeads() * BLOCK * valueColumns);
        turn.run(blocks, (block, scratch) -> packBlock(block));
        turn.run(blocks * heads, (i, scratch) -> attend(i / heads, i % heads, scratch));
    }

    /** Keys in tiles of 8 rows; values in slices of two vectors of columns, each [64, 2 vectors]. */
    private void packBlock(int block) {
        int row = blockRow(block);
        int count = blockRows(block);
        for (int head = 0; head < shape.kvHeads(); head++) {
            int at = keysAt(block, head);
            for (int tile = 0; tile < count; tile += PackedRows.TILE) {
                packKeys(row + tile, Math.min(PackedRows.TILE, count - tile), head, at + tile * headDim);
            }
            for (int column = 0; column < headDim; column += SLICE) {
                packValues(row, count, head, column, valuesAt(block, head));
            }
        }
    }

    private void packValues(int row, int rows, int head, int column, long at) {
        int width = sliceWidth(column);
        int count = Math.min(width, headDim - column);
        for (int i = 0; i < rows; i++) {
            int source = (row + i) * v.columns() + head * headDim + column;
            long target = at + ((long) column * BLOCK + (long) i * width) * Float.BYTES;
            MemorySegment.copy(v.data(), source, values, CpuKv.FLOAT, target, count);
        }
    }

    /** Columns of the slice of values that starts at {@code column}: the last may be narrower. */
    private int sliceWidth(int column) {
        return Math.min(SLICE, valueColumns - column);
    }

    private void packKeys(int row, int rows, int head, int at) {
        if (rows < PackedRows.TILE) {
            Arrays.fill(keys, at, at + PackedRows.TILE * headDim, 0.0f);
        }
        for (int i = 0; i < rows; i++) {
            int source = (row + i) * k.columns() + head * headDim;
            for (int d = 0; d < headDim; d++) {
                keys[at + d * PackedRows.TILE + i] = k.data()[source + d];
            }
        }
    }

    private int keysAt(int block, int head) {
        return (block * shape.kvHeads() + head) * BLOCK * headDim;
    }

    private long valuesAt(int block, int head) {
        return (long) (block * shape.kvHeads() + head) * BLOCK * valueColumns * Float.BYTES;
    }

    private int blockRow(int block) {
        int segment = segmentOfBlock[block];
        return segments.start(segment) + blockToken(block);
    }

    /** Token of the segment that the block starts with. */
    private int blockToken(int block) {
        return (block - firstBlock[segmentOfBlock[block]]) * BLOCK;
    }

    private int blockRows(int block) {
        return Math.min(BLOCK, segments.length(segmentOfBlock[block]) - blockToken(block));
    }

    /** One query head of one block of queries. */
    private void attend(int block, int head, Scratch scratch) {
        int kvHead = head / (shape.heads() / shape.kvHeads());
        int segment = segmentOfBlock[block];
        int firstQuery = blockToken(block);
        int queries = blockRows(block);
        Running running = new Running(scratch, valueColumns);
        MemorySegment panel = queryPanel(block, head, scratch);
        int firstKey = reach.first(firstQuery);
        int endKey = reach.end(firstQuery + queries - 1, segments.length(segment));
        int firstKeyBlock = firstBlock[segment] + firstKey / BLOCK;
        int endKeyBlock = firstBlock[segment] + Math.ceilDiv(endKey, BLOCK);
        for (int keyBlock = firstKeyBlock; keyBlock < endKeyBlock; keyBlock++) {
            int keyCount = blockRows(keyBlock);
            scores(keysAt(keyBlock, kvHead), keyCount, panel, scratch, running.scores);
            hide(running.scores, firstQuery, blockToken(keyBlock), keyCount);
            running.update(keyCount, shape.scale());
            running.rescale(queries);
            addValues(valuesAt(keyBlock, kvHead), keyCount, queries, scratch.tile, running);
        }
        running.store(dst, blockRow(block), queries, head * headDim, headDim);
    }

    /** The block's queries of one head in slices, each [headDim, 2 vectors of queries]; those that aren't there are 0. */
    private MemorySegment queryPanel(int block, int head, Scratch scratch) {
        float[] turned = scratch.floats(Slot.QUERIES, headDim * BLOCK);
        int row = blockRow(block);
        int rows = blockRows(block);
        if (rows < BLOCK) {
            Arrays.fill(turned, 0, headDim * BLOCK, 0.0f);
        }
        for (int i = 0; i < rows; i++) {
            int source = (row + i) * q.columns() + head * headDim;
            int target = i / SLICE * SLICE * headDim + i % SLICE;
            for (int d = 0; d < headDim; d++) {
                turned[target + d * SLICE] = q.data()[source + d];
            }
        }
        MemorySegment panel = scratch.panel.floats((long) headDim * BLOCK);
        MemorySegment.copy(turned, 0, panel, CpuKv.FLOAT, 0, headDim * BLOCK);
        return panel;
    }

    /** Scores [keys, 64] without their scale. */
    private void scores(int keysAt, int keyCount, MemorySegment panel, Scratch scratch, float[] scores) {
        Arrays.fill(scores, 0, BLOCK * BLOCK, 0.0f);
        Tile tile = scratch.tile;
        tile.depth = headDim;
        for (int query = 0; query < BLOCK; query += SLICE) {
            tile.right(panel, (long) query * headDim * Float.BYTES, SLICE);
            for (int key = 0; key < keyCount; key += PackedRows.TILE) {
                tile.left(keys, keysAt + key * headDim, PackedRows.TILE);
                tile.result(scores, key * BLOCK + query, BLOCK);
                FloatKernels.multiplyTwoVectors(tile, PackedRows.TILE);
            }
        }
    }

    /** Takes out the pairs that are out of reach: key j is visible to queries j - ahead + 1 to j + back - 1. */
    private void hide(float[] scores, int firstQuery, int firstKey, int keyCount) {
        for (int i = 0; i < keyCount; i++) {
            long key = (long) firstKey + i;
            int from = Math.clamp(key - reach.ahead() + 1 - firstQuery, 0, BLOCK);
            int to = Math.clamp(key + reach.back() - firstQuery, 0, BLOCK);
            int at = i * BLOCK;
            if (from > 0) {
                Arrays.fill(scores, at, at + Math.min(from, BLOCK), Float.NEGATIVE_INFINITY);
            }
            if (to < BLOCK) {
                Arrays.fill(scores, at + to, at + BLOCK, Float.NEGATIVE_INFINITY);
            }
        }
    }

    private void addValues(long valuesAt, int keyCount, int queries, Tile tile, Running running) {
        tile.depth = keyCount;
        for (int column = 0; column < valueColumns; column += SLICE) {
            int width = sliceWidth(column);
            tile.right(values, valuesAt + (long) column * BLOCK * Float.BYTES, width);
            for (int query = 0; query < queries; query += PackedRows.TILE) {
                tile.left(running.scores, query, BLOCK);
                tile.result(running.sums, query * valueColumns + column, valueColumns);
                FloatKernels.multiply(tile, PackedRows.TILE, width);
            }
        }
    }

    /** The softmax of 64 queries as far as keys have been seen; in the worker's scratch memory. */
    private static final class Running {

        private final int columns;
        private final float[] scores;
        private final float[] maxima;
        private final float[] totals;
        private final float[] corrections;
        private final float[] sums;

        Running(Scratch scratch, int columns) {
            this.columns = columns;
            scores = scratch.floats(Slot.SCORES, BLOCK * BLOCK);
            maxima = scratch.floats(Slot.MAXIMA, BLOCK);
            totals = scratch.floats(Slot.SUMS, BLOCK);
            corrections = scratch.floats(Slot.CORRECTIONS, BLOCK);
            sums = scratch.floats(Slot.PRODUCT, BLOCK * columns);
            Arrays.fill(maxima, 0, BLOCK, LOWEST);
            Arrays.fill(totals, 0, BLOCK, 0.0f);
            Arrays.fill(sums, 0, BLOCK * columns, 0.0f);
        }

        /** Turns scores into weights relative to the new maxima. */
        void update(int keyCount, float scale) {
            for (int query = 0; query < BLOCK; query += COUNT) {
                FloatVector before = FloatVector.fromArray(FLOATS, maxima, query);
                FloatVector maximum = before;
                for (int at = query; at < keyCount * BLOCK; at += BLOCK) {
                    maximum = maximum.max(
                            FloatVector.fromArray(FLOATS, scores, at).mul(scale));
                }
                FloatVector total = FloatVector.zero(FLOATS);
                for (int at = query; at < keyCount * BLOCK; at += BLOCK) {
                    FloatVector score =
                            FloatVector.fromArray(FLOATS, scores, at).mul(scale);
                    FloatVector weight = VectorMath.exp(score.sub(maximum));
                    weight.intoArray(scores, at);
                    total = total.add(weight);
                }
                FloatVector correction = VectorMath.exp(before.sub(maximum));
                FloatVector.fromArray(FLOATS, totals, query)
                        .fma(correction, total)
                        .intoArray(totals, query);
                correction.intoArray(corrections, query);
                maximum.intoArray(maxima, query);
            }
        }

        /** Makes the sums relative to the new maxima. */
        void rescale(int queries) {
            for (int query = 0; query < queries; query++) {
                float correction = corrections[query];
                if (correction != 1.0f) {
                    scale(sums, query * columns, columns, correction);
                }
            }
        }

        void store(CpuTensor dst, int row, int queries, int column, int count) {
            for (int query = 0; query < queries; query++) {
                scale(sums, query * columns, columns, 1.0f / totals[query]);
                System.arraycopy(sums, query * columns, dst.data(), (row + query) * dst.columns() + column, count);
            }
        }

        private static void scale(float[] values, int offset, int count, float factor) {
            for (int i = offset; i < offset + count; i += COUNT) {
                FloatVector.fromArray(FLOATS, values, i).mul(factor).intoArray(values, i);
            }
        }
    }
}
