package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.SelfAttention;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention inside segments: tasks of some tokens and all query heads that share a key/value head pass over blocks of 128 keys
 * with a running softmax.
 *
 * <p>Blocks are counted from the start of a segment, so a row's sums have one order in any batch. Keys out of reach are left out
 * eight at a time where no row of a slice sees them, which changes no bit: their weight would be 0.
 */
final class RaggedAttention {

    /** Keys of a step: with its values, queries and sums, a step stays in the second-level cache. */
    private static final int KEYS = 128;

    /** Query rows of a task, tokens times heads. */
    private static final int ROWS = 128;

    /** Query heads of a task at most, so that no slice of rows belongs to two heads. */
    private static final int MAX_HEADS = 4;

    private static final int SLICE = PackedKeyValues.SLICE;
    private static final double LOG2_E = 1.4426950408889634;

    private final AttentionShape shape;
    private final Reach reach;
    private final CpuTensor q;
    private final CpuTensor dst;
    private final PackedKeyValues packed;
    private final SegmentBlocks queryBlocks;
    private final int headsPerKv;
    private final int groupsPerKv;
    private final int valueColumns;

    private RaggedAttention(SelfAttention inputs, CpuTensor dst, PackedKeyValues packed) {
        shape = inputs.shape();
        reach = inputs.reach();
        q = CpuTensor.of(inputs.q());
        this.dst = dst;
        this.packed = packed;
        headsPerKv = shape.heads() / shape.kvHeads();
        groupsPerKv = Math.ceilDiv(headsPerKv, MAX_HEADS);
        valueColumns = PackedKeyValues.valueColumns(shape);
        // Three heads take as many tokens as four.
        int heads = Math.min(headsPerKv, MAX_HEADS);
        queryBlocks = SegmentBlocks.of(inputs.segments(), ROWS / (heads == 3 ? MAX_HEADS : heads));
    }

    /** Computes {@code dst} [rows, H*h]. */
    static void run(SelfAttention inputs, CpuTensor dst, WorkerPool pool) {
        AttentionShape shape = inputs.shape();
        CpuTensor k = CpuTensor.of(inputs.k());
        CpuTensor v = CpuTensor.of(inputs.v());
        int rows = inputs.segments().rows();
        Checks.shape("q", CpuTensor.of(inputs.q()), rows, shape.queryColumns());
        Checks.shape("k", k, rows, shape.kvColumns());
        Checks.shape("v", v, rows, shape.kvColumns());
        Checks.shape("dst", dst, rows, shape.queryColumns());
        int kvHeads = shape.kvHeads();
        try (WorkerPool.Turn turn = pool.turn()) {
            SegmentBlocks keyBlocks = SegmentBlocks.of(inputs.segments(), KEYS);
            PackedKeyValues packed = PackedKeyValues.in(turn.workspace(), keyBlocks, shape);
            turn.run(keyBlocks.count() * kvHeads, (i, scratch) -> packed.pack(i / kvHeads, i % kvHeads, k, v));
            RaggedAttention attention = new RaggedAttention(inputs, dst, packed);
            int groups = kvHeads * attention.groupsPerKv;
            turn.run(
                    attention.queryBlocks.count() * groups,
                    (i, scratch) -> attention.attend(i / groups, i % groups, scratch));
        }
    }

    /** The query heads of one group in one block of queries. */
    private void attend(int block, int group, Scratch scratch) {
        int kvHead = group / groupsPerKv;
        int inKv = group % groupsPerKv * MAX_HEADS;
        Queries queries =
                new Queries(block, kvHead * headsPerKv + inKv, Math.min(MAX_HEADS, headsPerKv - inKv), scratch);
        queries.pack();
        int firstToken = queryBlocks.token(block);
        int firstKey = reach.first(firstToken);
        int endKey = reach.end(firstToken + queries.tokens - 1, queryBlocks.segmentLength(block));
        int firstBlock = packed.blocks().first()[queryBlocks.segment(block)];
        for (int keyBlock = firstKey / KEYS; keyBlock * KEYS < endKey; keyBlock++) {
            queries.see(firstBlock + keyBlock, kvHead);
        }
        queries.store();
    }

    /** Rows of a task, head by head with whole slices of tokens each, in the memory of the worker that has them. */
    private final class Queries {

        private final int block;
        private final int firstHead;
        private final int heads;
        private final int tokens;
        private final int paddedTokens;
        private final Scratch scratch;
        private final MemorySegment panel;
        private final float[] scores;
        private final RunningSoftmax softmax;

        Queries(int block, int firstHead, int heads, Scratch scratch) {
            this.block = block;
            this.firstHead = firstHead;
            this.heads = heads;
            this.scratch = scratch;
            tokens = queryBlocks.length(block);
            paddedTokens = Lanes.roundUp(tokens, SLICE);
            panel = scratch.panel.floats((long) heads * paddedTokens * shape.headDim());
            scores = scratch.floats(Slot.SCORES, KEYS * SLICE);
            softmax = new RunningSoftmax(scratch, heads * paddedTokens, valueColumns);
        }

        /** Turns the queries into slices, each [headDim, 2 vectors of tokens], times the scale; those that aren't there are 0. */
        void pack() {
            int size = shape.headDim() * SLICE;
            float[] turned = scratch.floats(Slot.QUERIES, size);
            float factor = (float) (shape.scale() * LOG2_E);
            for (int row = 0; row < heads * paddedTokens; row += SLICE) {
                int token = row % paddedTokens;
                int source = (queryBlocks.row(block) + token) * q.columns()
                        + (firstHead + row / paddedTokens) * shape.headDim();
                new PackedRows(q.data(), source, q.columns(), Math.min(SLICE, tokens - token), shape.headDim())
                        .packTile(turned, 0, SLICE);
                long target = (long) row * shape.headDim() * Float.BYTES;
                for (int i = 0; i < size; i += COUNT) {
                    FloatVector.fromArray(FLOATS, turned, i)
                            .mul(factor)
                            .intoMemorySegment(panel, target + (long) i * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
                }
            }
        }

        /** Lets every slice see the keys of a block that one of its tokens reaches. */
        void see(int keyBlock, int kvHead) {
            int firstKey = packed.blocks().token(keyBlock);
            int keys = packed.blocks().length(keyBlock);
            for (int row = 0; row < heads * paddedTokens; row += SLICE) {
                int token = row % paddedTokens;
                int first = queryBlocks.token(block) + token;
                int last = first + Math.min(SLICE, tokens - token) - 1;
                int from = Math.max(0, reach.first(first) - firstKey) / PackedRows.TILE * PackedRows.TILE;
                int to = Math.min(keys, reach.end(last, queryBlocks.segmentLength(block)) - firstKey);
                if (from < to) {
                    score(packed.keysAt(keyBlock, kvHead, from), to - from, row);
                    if (reach.first(last) > firstKey + from || reach.end(first, firstKey + to) < firstKey + to) {
                        hide(first, firstKey + from, to - from);
                    }
                    softmax.weigh(scores, to - from, row, last - first + 1);
                    addValues(new Values(keyBlock, kvHead, from, to - from), row, last - first + 1);
                }
            }
        }

        /** Scores [keys, slice], in powers of two. */
        private void score(int keysAt, int keys, int row) {
            Arrays.fill(scores, 0, Lanes.roundUp(keys, PackedRows.TILE) * SLICE, 0.0f);
            Tile tile = scratch.tile;
            tile.depth = shape.headDim();
            tile.right(panel, (long) row * shape.headDim() * Float.BYTES, SLICE);
            tile.left(packed.keys(), keysAt, PackedRows.TILE);
            tile.result(scores, 0, SLICE);
            tile.tiles(Math.ceilDiv(keys, PackedRows.TILE), PackedRows.TILE * shape.headDim());
            FloatKernels.multiplyTiles(tile, SLICE);
        }

        /** Takes out the pairs that are out of reach: key j is visible to tokens j - ahead + 1 to j + back - 1. */
        private void hide(int firstToken, int firstKey, int keys) {
            for (int i = 0; i < keys; i++) {
                long key = (long) firstKey + i;
                int from = Math.clamp(key - reach.ahead() + 1 - firstToken, 0, SLICE);
                int to = Math.clamp(key + reach.back() - firstToken, 0, SLICE);
                if (from > 0) {
                    Arrays.fill(scores, i * SLICE, i * SLICE + from, Float.NEGATIVE_INFINITY);
                }
                if (to < SLICE) {
                    Arrays.fill(scores, i * SLICE + to, (i + 1) * SLICE, Float.NEGATIVE_INFINITY);
                }
            }
        }

        private void addValues(Values values, int row, int rows) {
            Tile tile = scratch.tile;
            tile.depth = values.count;
            tile.left(scores, 0, SLICE);
            tile.tiles(Math.ceilDiv(rows, PackedRows.TILE), PackedRows.TILE);
            for (int column = 0; column < valueColumns; column += SLICE) {
                int width = packed.sliceWidth(column);
                tile.right(packed.values(), packed.valuesAt(values.block, values.head, column, values.first), width);
                tile.result(softmax.sums(), softmax.sumsAt(row, column), width);
                FloatKernels.multiplyTiles(tile, width);
            }
        }

        void store() {
            for (int head = 0; head < heads; head++) {
                for (int token = 0; token < tokens; token++) {
                    int offset =
                            (queryBlocks.row(block) + token) * dst.columns() + (firstHead + head) * shape.headDim();
                    softmax.store(head * paddedTokens + token, dst.data(), offset, shape.headDim());
                }
            }
        }
    }

    /**
     * Values of some keys of a block.
     *
     * @param block the block
     * @param head key/value head
     * @param first first key of them in the block
     * @param count keys
     */
    private record Values(int block, int head, int first, int count) {}
}
