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
 * Attention inside segments: blocks of 64 queries pass over blocks of 64 keys with a running softmax, some of them together, so
 * that keys and values are fetched from memory once for all of these.
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

    /** Blocks of queries that go together at most, and their values a head, so that they stay in the second-level cache. */
    private static final int MOST_BLOCKS = 4;

    private static final int MOST_VALUES = 512;

    /** Tasks that each worker should have, so that none waits long for the last one. */
    private static final int TASKS_EACH = 4;

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
    private final List<List<Queries>> groups = new ArrayList<>();

    /**
     * Up to 64 queries of one segment.
     *
     * @param row of the first in q
     * @param firstToken of the segment
     */
    private record Queries(int row, int segment, int firstToken, int count) {}

    private RaggedAttention(SelfAttention inputs, CpuTensor dst, int workers) {
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
        int together = together(workers);
        for (int segment = 0; segment < segments.count(); segment++) {
            int from = Math.max(firstRow, segments.start(segment));
            int end = Math.min(firstRow + q.rows(), segments.start(segment) + segments.length(segment));
            List<Queries> blocks = divide(segment, from - segments.start(segment), end - segments.start(segment));
            for (int first = 0; first < blocks.size(); first += together) {
                groups.add(blocks.subList(first, Math.min(first + together, blocks.size())));
            }
        }
    }

    private int together(int workers) {
        int tasks = Math.ceilDiv(q.rows(), BLOCK) * shape.heads();
        return Math.clamp(Math.min(MOST_VALUES / headDim, tasks / (workers * TASKS_EACH)), 1, MOST_BLOCKS);
    }

    /** Cuts queries where blocks of keys are cut, so that as few blocks as possible are seen in part. */
    private List<Queries> divide(int segment, int fromToken, int endToken) {
        List<Queries> blocks = new ArrayList<>();
        int offset = kv.segments().start(segment) - firstRow;
        for (int token = fromToken; token < endToken; ) {
            int next = Math.min(endToken, (token / BLOCK + 1) * BLOCK);
            blocks.add(new Queries(offset + token, segment, token, next - token));
            token = next;
        }
        return blocks;
    }

    /** Computes {@code dst} [queries, H*h]. */
    static void run(SelfAttention inputs, CpuTensor dst, WorkerPool pool) {
        RaggedAttention attention = new RaggedAttention(inputs, dst, pool.threads());
        int heads = attention.shape.heads();
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(
                    attention.groups.size() * heads,
                    (i, scratch) -> attention.attend(attention.groups.get(i / heads), i % heads, scratch));
        }
    }

    /** One query head of some blocks of queries of one segment. */
    private void attend(List<Queries> group, int head, Scratch scratch) {
        int kvHead = head / (shape.heads() / shape.kvHeads());
        Running running = new Running(scratch, group.size(), valueColumns);
        MemorySegment panels = scratch.panel.floats((long) group.size() * headDim * BLOCK);
        for (int i = 0; i < group.size(); i++) {
            fillPanel(panels, i, group.get(i), head, scratch);
        }
        int end = endKeyBlock(group.getLast());
        for (int keyBlock = firstKeyBlock(group.getFirst()); keyBlock < end; keyBlock++) {
            for (int i = 0; i < group.size(); i++) {
                Queries block = group.get(i);
                if (keyBlock >= firstKeyBlock(block) && keyBlock < endKeyBlock(block)) {
                    int keyCount = kv.blockRows(keyBlock);
                    scores(kv.keysAt(keyBlock, kvHead), keyCount, panels, i, scratch.tile, running.scores);
                    hide(running.scores, block.firstToken(), kv.blockToken(keyBlock), keyCount);
                    running.update(i, keyCount);
                    running.rescale(i, block.count());
                    addValues(keyBlock, kvHead, i, block.count(), scratch.tile, running);
                }
            }
        }
        for (int i = 0; i < group.size(); i++) {
            Queries block = group.get(i);
            running.store(i, dst, block.row(), block.count(), head * headDim, headDim);
        }
    }

    private int firstKeyBlock(Queries block) {
        return kv.blockOf(block.segment(), reach.first(block.firstToken()));
    }

    private int endKeyBlock(Queries block) {
        int lastQuery = block.firstToken() + block.count() - 1;
        int lastKey = reach.end(lastQuery, kv.segments().length(block.segment())) - 1;
        return kv.blockOf(block.segment(), lastKey) + 1;
    }

    /**
     * Turns the queries of one block and head into panel {@code index}: scaled, in slices, each [headDim, 2 vectors of queries];
     * those that aren't there are 0.
     */
    private void fillPanel(MemorySegment panels, int index, Queries block, int head, Scratch scratch) {
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
        Running.scale(turned, 0, headDim * BLOCK, shape.scale());
        MemorySegment.copy(
                turned, 0, panels, CpuKv.FLOAT, (long) index * headDim * BLOCK * Float.BYTES, headDim * BLOCK);
    }

    /** Scores [keys, 64] of one block of queries. */
    private void scores(int keysAt, int keyCount, MemorySegment panels, int index, Tile tile, float[] scores) {
        tile.depth = headDim;
        tile.rows = keyCount;
        tile.left(kv.keys(), keysAt, headDim);
        tile.start(NOTHING, 0, 0);
        for (int query = 0; query < BLOCK; query += SLICE) {
            tile.right(panels, (long) (index * BLOCK + query) * headDim * Float.BYTES, SLICE);
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

    private void addValues(int keyBlock, int kvHead, int index, int queries, Tile tile, Running running) {
        tile.depth = kv.blockRows(keyBlock);
        for (int column = 0; column < valueColumns; column += SLICE) {
            int width = kv.sliceWidth(column);
            tile.right(kv.values(), kv.valuesAt(keyBlock, kvHead, column), width);
            tile.left(running.scores, 0, BLOCK);
            tile.result(running.sums, index * BLOCK * valueColumns + column, valueColumns);
            FloatKernels.multiply(tile, queries, width);
        }
    }

    /** The softmax of some blocks of 64 queries as far as keys have been seen; in the worker's scratch memory. */
    private static final class Running {

        private final int columns;

        /** Of one block with one block of keys, and a row for the corrections. */
        private final float[] scores; // [65, 64]

        private final float[] maxima; // [blocks, 64]
        private final float[] totals; // [blocks, 64]
        private final float[] sums; // [blocks, 64, columns]
        private final float[] corrections; // [64]

        Running(Scratch scratch, int blocks, int columns) {
            this.columns = columns;
            scores = scratch.floats(Slot.SCORES, (BLOCK + 1) * BLOCK);
            maxima = scratch.floats(Slot.MAXIMA, blocks * BLOCK);
            totals = scratch.floats(Slot.SUMS, blocks * BLOCK);
            corrections = scratch.floats(Slot.CORRECTIONS, BLOCK);
            sums = scratch.floats(Slot.PRODUCT, blocks * BLOCK * columns);
            Arrays.fill(maxima, 0, blocks * BLOCK, LOWEST);
            Arrays.fill(totals, 0, blocks * BLOCK, 0.0f);
            Arrays.fill(sums, 0, blocks * BLOCK * columns, 0.0f);
        }

        /** Turns the scores of a block into weights relative to its new maxima. */
        void update(int block, int keyCount) {
            for (int query = 0; query < BLOCK; query += COUNT) {
                int end = query + keyCount * BLOCK;
                raiseMaxima(block * BLOCK + query, query, end);
                weigh(block * BLOCK + query, query, end);
            }
        }

        /** Leaves the maximum until now behind the scores, where it becomes what corrects the sums until now. */
        private void raiseMaxima(int at, int first, int end) {
            FloatVector before = FloatVector.fromArray(FLOATS, maxima, at);
            FloatVector largest = before;
            for (int i = first; i < end; i += BLOCK) {
                largest = VectorMath.max(FloatVector.fromArray(FLOATS, scores, i), largest);
            }
            before.intoArray(scores, end);
            largest.intoArray(maxima, at);
        }

        /**
         * Adds the weights up. The correction is computed in the same loop, as a key more: two exponentials are more than C2 inlines
         * in one method, and it would box every vector from there on.
         */
        private void weigh(int at, int first, int end) {
            FloatVector maximum = FloatVector.fromArray(FLOATS, maxima, at);
            FloatVector total = FloatVector.zero(FLOATS);
            FloatVector weight = total;
            for (int i = first; i <= end; i += BLOCK) {
                total = total.add(weight);
                weight = VectorMath.exp(FloatVector.fromArray(FLOATS, scores, i).sub(maximum));
                weight.intoArray(scores, i);
            }
            weight.intoArray(corrections, first);
            FloatVector.fromArray(FLOATS, totals, at).fma(weight, total).intoArray(totals, at);
        }

        /** Makes the sums of a block relative to its new maxima. */
        void rescale(int block, int queries) {
            for (int query = 0; query < queries; query++) {
                float correction = corrections[query];
                if (correction != 1.0f) {
                    scale(sums, (block * BLOCK + query) * columns, columns, correction);
                }
            }
        }

        void store(int block, CpuTensor dst, int row, int queries, int column, int count) {
            for (int query = 0; query < queries; query++) {
                int from = (block * BLOCK + query) * columns;
                scale(sums, from, columns, 1.0f / totals[block * BLOCK + query]);
                System.arraycopy(sums, from, dst.data(), (row + query) * dst.columns() + column, count);
            }
        }

        private static void scale(float[] values, int offset, int count, float factor) {
            for (int i = offset; i < offset + count; i += COUNT) {
                FloatVector.fromArray(FLOATS, values, i).mul(factor).intoArray(values, i);
            }
        }
    }
}
