package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.StateBlock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Merged attention of a decoder step: each split of a row's keys gets a softmax of its own, for all query heads of one
 * key/value head together, so that keys and values are read once; then the splits of a row are joined in their order.
 */
final class DecoderAttention {

    /** Query heads that share one reading of the keys. */
    private static final int MAX_GROUP = PackedRows.TILE;

    private final MergedAttention layer;
    private final AttentionShape shape;
    private final DecoderRows rows;
    private final CpuKvPages pages;
    private final CpuTensor q;
    private final CpuTensor dst;
    private final int headsPerKv;
    private final int groupsPerKv;
    private final int groups;
    private final int valueColumns;
    private KeySplits splits;
    private AbsorbedAttention states;

    /** For each split and group: 8 maxima, 8 totals, then sums [8, valueColumns]. */
    private float[] partials;

    private DecoderAttention(MergedAttention layer, DecoderRows rows, CpuTensor q, CpuTensor dst) {
        this.layer = layer;
        this.shape = layer.shape();
        this.rows = rows;
        this.pages = CpuKvPages.of(layer.pages());
        this.q = q;
        this.dst = dst;
        headsPerKv = shape.heads() / shape.kvHeads();
        groupsPerKv = Math.ceilDiv(headsPerKv, MAX_GROUP);
        groups = shape.kvHeads() * groupsPerKv;
        valueColumns = pages.layout().paddedHeadDim();
    }

    /** Computes {@code dst} [rows, H*h]. */
    static void run(MergedAttention layer, DecoderRows rows, CpuTensor q, CpuTensor dst, MatrixProduct products) {
        DecoderAttention attention = new DecoderAttention(layer, rows, q, dst);
        attention.check();
        try (WorkerPool.Turn turn = products.pool().turn()) {
            attention.run(turn, products);
        }
    }

    private void check() {
        Checks.shape("q", q, rows.count(), shape.queryColumns());
        Checks.shape("dst", dst, rows.count(), shape.queryColumns());
        Checks.index("layer", layer.layer(), pages.layout().shape().layers());
        checkHeads(pages.layout().shape(), shape);
        for (int row = 0; row < rows.count(); row++) {
            var blocks = rows.sequence(row).encoderBlocks();
            for (int i = 0; i < blocks.size(); i++) {
                switch (blocks.get(i)) {
                    case KvBlock block ->
                        checkHeads(CpuKvBlock.of(block).layout().shape(), shape);
                    case StateBlock block -> AbsorbedAttention.check(layer, block);
                }
            }
        }
    }

    static void checkHeads(KvShape keys, AttentionShape shape) {
        if (keys.kvHeads() != shape.kvHeads() || keys.headDim() != shape.headDim()) {
            throw new IllegalArgumentException("keys have %d heads of %d, attention has %d of %d"
                    .formatted(keys.kvHeads(), keys.headDim(), shape.kvHeads(), shape.headDim()));
        }
    }

    private void run(WorkerPool.Turn turn, MatrixProduct products) {
        splits = KeySplits.of(layer, rows, turn.workspace().splits);
        states = new AbsorbedAttention(layer, rows, turn.workspace().absorbed);
        states.absorb(q, products);
        partials = turn.workspace().splits.partials((long) splits.count() * groups * partialSize());
        int onStates = states.tasks();
        turn.run(onStates + splits.count() * groups, (i, scratch) -> {
            if (i < onStates) {
                states.attend(i, scratch);
            } else {
                attend((i - onStates) / groups, (i - onStates) % groups, scratch);
            }
        });
        int heads = shape.heads();
        turn.run(joinTasks(turn.threads()), (task, scratch) -> {
            for (int row = task; row < rows.count(); row += joinTasks(turn.threads())) {
                for (int head = 0; head < heads; head++) {
                    join(row, head, scratch);
                }
            }
        });
        states.addValues(dst, products);
    }

    /** Joining is little work: a thread is worth waking for several rows only. */
    private int joinTasks(int threads) {
        return Math.min(threads, Math.ceilDiv(rows.count(), 4));
    }

    private int partialSize() {
        return MAX_GROUP * (2 + valueColumns);
    }

    private int groupSize(int group) {
        return Math.min(MAX_GROUP, headsPerKv - group % groupsPerKv * MAX_GROUP);
    }

    private int firstHead(int group) {
        return group / groupsPerKv * headsPerKv + group % groupsPerKv * MAX_GROUP;
    }

    /** One split of the keys, for one group of query heads. */
    private void attend(int split, int group, Scratch scratch) {
        Group heads = new Group(
                splits.row(split),
                group / groupsPerKv,
                firstHead(group),
                groupSize(group),
                (split * groups + group) * partialSize(),
                scratch);
        int source = splits.source(split);
        int first = splits.firstToken(split);
        int end = splits.endToken(split);
        heads.packQueries();
        eachPiece(source, heads, first, end, heads::score);
        heads.weigh(end - first);
        eachPiece(source, heads, first, end, heads::addValues);
    }

    /** What is done with tokens {@code from} to {@code to}, which lie together in one memory. */
    private interface Piece {
        void run(Store store, int from, int to, int index);
    }

    /**
     * Memory in which some of the keys lie.
     *
     * @param layout how
     * @param memory where
     */
    private record Store(CpuKv layout, MemorySegment memory) {}

    /** Visits the tokens of a split panel by panel; own tokens are counted from the start of their page. */
    private void eachPiece(int source, Group heads, int first, int end, Piece piece) {
        boolean own = source == KeySplits.OWN;
        var sequence = rows.sequence(heads.row);
        Store block = own ? null : storeOf((CpuKvBlock) sequence.encoderBlocks().get(source));
        int panelTokens = own ? pages.layout().tokens() : block.layout.panelTokens();
        for (int token = first; token < end; ) {
            int stop = Math.min(end, (token / panelTokens + 1) * panelTokens);
            if (own) {
                int page = token / panelTokens;
                Store store = new Store(pages.layout(), pages.page(sequence.pageTable()[page]));
                piece.run(store, token - page * panelTokens, stop - page * panelTokens, token - first);
            } else {
                piece.run(block, token, stop, token - first);
            }
            token = stop;
        }
    }

    private static Store storeOf(CpuKvBlock block) {
        return new Store(block.layout(), block.memory());
    }

    /** Weighs the splits of one row and query head by their maxima and adds them up. */
    private void join(int row, int head, Scratch scratch) {
        int inKv = head % headsPerKv;
        int group = head / headsPerKv * groupsPerKv + inKv / MAX_GROUP;
        int slot = inKv % MAX_GROUP;
        int first = splits.rowStarts()[row];
        int count = splits.rowStarts()[row + 1] - first;
        int all = Lanes.roundUp(count + states.count(row), Lanes.VIRTUAL);
        float[] weights = scratch.floats(Slot.WEIGHTS, all);
        Arrays.fill(weights, 0, all, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < count; i++) {
            weights[i] = partials[((first + i) * groups + group) * partialSize() + slot];
        }
        for (int i = 0; i < states.count(row); i++) {
            weights[count + i] = states.maximum(row, i, head);
        }
        float max = VectorMath.max(weights, 0, all);
        for (int i = 0; i < count + states.count(row); i++) {
            weights[i] -= max;
        }
        VectorMath.exp(weights, 0, all);
        float[] sums = scratch.floats(Slot.PRODUCT, valueColumns);
        Arrays.fill(sums, 0, valueColumns, 0.0f);
        float total = 0;
        for (int i = 0; i < count; i++) {
            int at = ((first + i) * groups + group) * partialSize();
            total = Math.fma(partials[at + MAX_GROUP + slot], weights[i], total);
            addScaled(partials, at + 2 * MAX_GROUP + slot * valueColumns, weights[i], sums);
        }
        for (int i = 0; i < states.count(row); i++) {
            total = Math.fma(states.total(row, i, head), weights[count + i], total);
        }
        multiply(sums, 1.0f / total);
        System.arraycopy(sums, 0, dst.data(), row * dst.columns() + head * shape.headDim(), shape.headDim());
        if (states.count(row) > 0) {
            states.join(row, head, weights, count, scratch, 1.0f / total);
        }
    }

    private void addScaled(float[] src, int offset, float factor, float[] sums) {
        for (int i = 0; i < valueColumns; i += COUNT) {
            FloatVector.fromArray(FLOATS, src, offset + i)
                    .fma(FloatVector.broadcast(FLOATS, factor), FloatVector.fromArray(FLOATS, sums, i))
                    .intoArray(sums, i);
        }
    }

    private void multiply(float[] values, float factor) {
        for (int i = 0; i < valueColumns; i += COUNT) {
            FloatVector.fromArray(FLOATS, values, i).mul(factor).intoArray(values, i);
        }
    }

    /** Some query heads of one row and one split, in the memory of the worker that has them. */
    private final class Group {

        private final int row;
        private final int kvHead;
        private final int firstHead;
        private final int size;
        private final int partialAt;
        private final Scratch scratch;
        private final int step;
        private final float[] queries;
        private final float[] scores;

        Group(int row, int kvHead, int firstHead, int size, int partialAt, Scratch scratch) {
            this.row = row;
            this.kvHead = kvHead;
            this.firstHead = firstHead;
            this.size = size;
            this.partialAt = partialAt;
            this.scratch = scratch;
            step = size <= 4 ? 4 : MAX_GROUP;
            queries = scratch.floats(Slot.QUERIES, step * shape.headDim());
            scores = scratch.floats(Slot.SCORES, step * KeySplits.SIZE);
        }

        void packQueries() {
            int from = row * q.columns() + firstHead * shape.headDim();
            new PackedRows(q.data(), from, shape.headDim(), size, shape.headDim()).packTile(queries, 0, step);
        }

        /** Scores of one panel of keys, scaled, from {@code index} of the split on. */
        void score(Store store, int from, int to, int index) {
            int panelTokens = store.layout.panelTokens();
            int base = from / panelTokens * panelTokens;
            int firstColumn = (from - base) / Lanes.VIRTUAL * Lanes.VIRTUAL;
            int columns = Lanes.roundUp(to - base, Lanes.VIRTUAL) - firstColumn;
            float[] products = scratch.floats(Slot.SCORE_TILE, step * panelTokens);
            Arrays.fill(products, 0, step * panelTokens, 0.0f);
            Tile tile = scratch.tile;
            tile.left(queries, 0, step);
            long panel = store.layout.keyPanel(layer.layer(), kvHead, from);
            Fetch.read(store.memory, panel, (long) panelTokens * shape.headDim() * Float.BYTES, scratch);
            tile.right(store.memory, panel + (long) firstColumn * Float.BYTES, panelTokens);
            tile.result(products, 0, panelTokens);
            tile.depth = shape.headDim();
            FloatKernels.multiply(tile, step, columns);
            int skipped = from - base - firstColumn;
            for (int head = 0; head < size; head++) {
                for (int i = 0; i < to - from; i++) {
                    scores[head * KeySplits.SIZE + index + i] =
                            products[head * panelTokens + skipped + i] * shape.scale();
                }
            }
        }

        /** Turns the split's scores into weights, packed as the product with the values reads them. */
        void weigh(int keys) {
            int padded = Lanes.roundUp(keys, Lanes.VIRTUAL);
            float[] weights = scratch.floats(Slot.WEIGHTS, step * KeySplits.SIZE);
            Arrays.fill(partials, partialAt, partialAt + partialSize(), 0.0f);
            for (int head = 0; head < size; head++) {
                int at = head * KeySplits.SIZE;
                Arrays.fill(scores, at + keys, at + padded, Float.NEGATIVE_INFINITY);
                float max = VectorMath.max(scores, at, padded);
                partials[partialAt + head] = max;
                partials[partialAt + MAX_GROUP + head] = VectorMath.expSum(scores, at, padded, max, scratch.lanes);
            }
            for (int head = 0; head < step; head++) {
                for (int i = 0; i < keys; i++) {
                    weights[i * step + head] = head < size ? scores[head * KeySplits.SIZE + i] : 0.0f;
                }
            }
        }

        void addValues(Store store, int from, int to, int index) {
            Tile tile = scratch.tile;
            tile.left(scratch.floats(Slot.WEIGHTS, 0), index * step, step);
            long values = store.layout.value(layer.layer(), kvHead, from);
            Fetch.read(store.memory, values, (long) (to - from) * valueColumns * Float.BYTES, scratch);
            tile.right(store.memory, values, valueColumns);
            tile.result(partials, partialAt + 2 * MAX_GROUP, valueColumns);
            tile.depth = to - from;
            FloatKernels.multiply(tile, step, valueColumns);
        }
    }
}
