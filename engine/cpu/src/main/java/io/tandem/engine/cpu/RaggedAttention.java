package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Attention inside segments: blocks of 64 queries pass over blocks of 64 keys with a running softmax.
 *
 * <p>Blocks of keys are counted from the start of a segment, and one that a query doesn't see leaves its sums as they are, so a
 * row's sums have one order in any batch and with any queries beside it. Scores are held transposed, [keys, queries]: a lane is a
 * query, its maximum and its sum need no horizontal step, and the weights lie as the product with the values reads them.
 */
final class RaggedAttention {

    /** Queries of a task and keys of a step. */
    private static final int BLOCK = CpuAttentionKv.BLOCK;

    /** Queries that are multiplied in one go. */
    private static final int SLICE = 2 * COUNT;

    /** What scores start from. */
    private static final float[] NOTHING = new float[SLICE];

    /** Below every score, and finite, so that differences of it are numbers. */
    private static final float LOWEST = -1e30f;

    private final CpuAttentionKv kv;
    private final AttentionShape shape;
    private final Reach reach;
    private final int firstRow;
    private final CpuTensor q;
    private final CpuTensor dst;
    private final int headDim;
    private final int valueColumns;
    private final List<Queries> blocks = new ArrayList<>();

    /**
     * Up to 64 queries of one segment.
     *
     * @param row of the first in q
     * @param firstToken of the segment
     */
    private record Queries(int row, int segment, int firstToken, int count) {}

    private RaggedAttention(SelfAttention inputs, CpuTensor dst) {
        kv = CpuAttentionKv.of(inputs.kv());
        shape = kv.shape();
        reach = inputs.reach();
        firstRow = inputs.firstRow();
        q = CpuTensor.of(inputs.q());
        this.dst = dst;
        headDim = shape.headDim();
        valueColumns = kv.valueColumns();
        Checks.columns("q", q, shape.queryColumns());
        Checks.shape("dst", dst, q.rows(), shape.queryColumns());
        Segments segments = kv.segments();
        if (firstRow < 0 || firstRow > segments.rows() - q.rows()) {
            throw new IllegalArgumentException(
                    "queries %d to %d of a batch of %d".formatted(firstRow, firstRow + q.rows(), segments.rows()));
        }
        for (int segment = 0; segment < segments.count(); segment++) {
            int from = Math.max(firstRow, segments.start(segment));
            int end = Math.min(firstRow + q.rows(), segments.start(segment) + segments.length(segment));
            divide(segment, from - segments.start(segment), end - segments.start(segment));
        }
    }

    /** Cuts queries where blocks of keys are cut, so that as few blocks as possible are seen in part. */
    private void divide(int segment, int fromToken, int endToken) {
        int offset = kv.segments().start(segment) - firstRow;
        for (int token = fromToken; token < endToken; ) {
            int next = Math.min(endToken, (token / BLOCK + 1) * BLOCK);
            blocks.add(new Queries(offset + token, segment, token, next - token));
            token = next;
        }
    }

    /** Computes {@code dst} [queries, H*h]. */
    static void run(SelfAttention inputs, CpuTensor dst, WorkerPool pool) {
        RaggedAttention attention = new RaggedAttention(inputs, dst);
        int heads = attention.shape.heads();
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(
                    attention.blocks.size() * heads,
                    (i, scratch) -> attention.attend(attention.blocks.get(i / heads), i % heads, scratch));
        }
    }

    /** One query head of one block of queries. */
    private void attend(Queries block, int head, Scratch scratch) {
        int kvHead = head / (shape.heads() / shape.kvHeads());
        Running running = new Running(scratch, valueColumns);
        MemorySegment panel = queryPanel(block, head, scratch);
        int firstKey = reach.first(block.firstToken());
        int lastQuery = block.firstToken() + block.count() - 1;
        int lastKey = reach.end(lastQuery, kv.segments().length(block.segment())) - 1;
        int endKeyBlock = kv.blockOf(block.segment(), lastKey) + 1;
        for (int keyBlock = kv.blockOf(block.segment(), firstKey); keyBlock < endKeyBlock; keyBlock++) {
            int keyCount = kv.blockRows(keyBlock);
            scores(kv.keysAt(keyBlock, kvHead), keyCount, panel, scratch, running.scores);
            hide(running.scores, block.firstToken(), kv.blockToken(keyBlock), keyCount);
            running.update(keyCount, shape.scale());
            running.rescale(block.count());
            addValues(keyBlock, kvHead, block.count(), scratch.tile, running);
        }
        running.store(dst, block.row(), block.count(), head * headDim, headDim);
    }

    /** The block's queries of one head in slices, each [headDim, 2 vectors of queries]; those that aren't there are 0. */
    private MemorySegment queryPanel(Queries block, int head, Scratch scratch) {
        float[] turned = scratch.floats(Slot.QUERIES, headDim * BLOCK);
        int rows = block.count();
        if (rows < BLOCK) {
            Arrays.fill(turned, 0, headDim * BLOCK, 0.0f);
        }
        for (int query = 0; query < rows; query += SLICE) {
            int source = (block.row() + query) * q.columns() + head * headDim;
            new PackedRows(q.data(), source, q.columns(), Math.min(SLICE, rows - query), headDim)
                    .interleave(turned, query * headDim, SLICE);
        }
        MemorySegment panel = scratch.panel.floats((long) headDim * BLOCK);
        MemorySegment.copy(turned, 0, panel, CpuKv.FLOAT, 0, headDim * BLOCK);
        return panel;
    }

    /** Scores [keys, 64] without their scale. */
    private void scores(int keysAt, int keyCount, MemorySegment panel, Scratch scratch, float[] scores) {
        Tile tile = scratch.tile;
        tile.depth = headDim;
        tile.rows = keyCount;
        tile.left(kv.keys(), keysAt, headDim);
        tile.start(NOTHING, 0, 0);
        for (int query = 0; query < BLOCK; query += SLICE) {
            tile.right(panel, (long) query * headDim * Float.BYTES, SLICE);
            tile.result(scores, query, BLOCK);
            RowKernels.multiply(tile);
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

    private void addValues(int keyBlock, int kvHead, int queries, Tile tile, Running running) {
        tile.depth = kv.blockRows(keyBlock);
        for (int column = 0; column < valueColumns; column += SLICE) {
            int width = kv.sliceWidth(column);
            tile.right(kv.values(), kv.valuesAt(keyBlock, kvHead, column), width);
            tile.left(running.scores, 0, BLOCK);
            tile.result(running.sums, column, valueColumns);
            FloatKernels.multiply(tile, queries, width);
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
            for (int query = 0; query < BLOCK; query += 2 * COUNT) {
                int end = query + keyCount * BLOCK;
                raiseMaxima(query, end, scale);
                weigh(query, end, scale);
            }
        }

        /** Two vectors of queries side by side: each comparison waits for the one before it. Scaling keeps the order of scores. */
        private void raiseMaxima(int query, int end, float scale) {
            FloatVector largest0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
            FloatVector largest1 = largest0;
            for (int at = query; at < end; at += BLOCK) {
                largest0 = VectorMath.max(FloatVector.fromArray(FLOATS, scores, at), largest0);
                largest1 = VectorMath.max(FloatVector.fromArray(FLOATS, scores, at + COUNT), largest1);
            }
            raise(query, largest0.mul(scale));
            raise(query + COUNT, largest1.mul(scale));
        }

        private void raise(int query, FloatVector largest) {
            FloatVector before = FloatVector.fromArray(FLOATS, maxima, query);
            FloatVector maximum = VectorMath.max(largest, before);
            VectorMath.exp(before.sub(maximum)).intoArray(corrections, query);
            maximum.intoArray(maxima, query);
        }

        private void weigh(int query, int end, float scale) {
            FloatVector maximum0 = FloatVector.fromArray(FLOATS, maxima, query);
            FloatVector maximum1 = FloatVector.fromArray(FLOATS, maxima, query + COUNT);
            FloatVector total0 = FloatVector.zero(FLOATS);
            FloatVector total1 = total0;
            for (int at = query; at < end; at += BLOCK) {
                FloatVector score0 = FloatVector.fromArray(FLOATS, scores, at).mul(scale);
                FloatVector weight0 = VectorMath.exp(score0.sub(maximum0));
                weight0.intoArray(scores, at);
                total0 = total0.add(weight0);
                FloatVector score1 =
                        FloatVector.fromArray(FLOATS, scores, at + COUNT).mul(scale);
                FloatVector weight1 = VectorMath.exp(score1.sub(maximum1));
                weight1.intoArray(scores, at + COUNT);
                total1 = total1.add(weight1);
            }
            addTotal(query, total0);
            addTotal(query + COUNT, total1);
        }

        private void addTotal(int query, FloatVector total) {
            FloatVector correction = FloatVector.fromArray(FLOATS, corrections, query);
            FloatVector.fromArray(FLOATS, totals, query).fma(correction, total).intoArray(totals, query);
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
