package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.AbsorbedBuffers.Stage;
import io.tandem.engine.cpu.Scratch.Slot;
import io.tandem.engine.ops.Absorption;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.StateBlock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The part of a step's merged attention that is on states: queries are brought among the states, each split of a row's states gets a
 * softmax of its own for up to 8 query heads together, whatever their key/value heads, and what was summed is made a value at the end.
 *
 * <p>Made for one operation by the holder of the pool's turn; {@link DecoderAttention} joins its splits with those of keys and values.
 */
final class AbsorbedAttention {

    /** Query heads that share one reading of the states. */
    private static final int MAX_GROUP = PackedRows.TILE;

    /**
     * Floats of the states that are scored and then summed together: they stay close meanwhile. They are not fetched before, as scoring
     * has so little arithmetic for what it reads that it waits for many lines at once.
     */
    private static final int BLOCK_FLOATS = 20 * 1024;

    /** Most states of such a block. */
    private static final int MAX_BLOCK = 128;

    private final MergedAttention layer;
    private final AttentionShape shape;
    private final DecoderRows rows;
    private final AbsorbedBuffers buffers;
    private final KeySplits splits;
    private final int[] places;
    private final int placeCount;

    private final int groups;
    private final int step;
    private final int hiddenSize;
    private final int padded;
    private final int block;
    private float[] partials;
    private CpuTensor queries;
    private CpuTensor sums;

    /** @param layer has an absorption if a row reads states */
    AbsorbedAttention(MergedAttention layer, DecoderRows rows, AbsorbedBuffers buffers) {
        this.layer = layer;
        this.shape = layer.shape();
        this.rows = rows;
        this.buffers = buffers;
        splits = KeySplits.ofStates(layer, rows, buffers.splits);
        places = buffers.places(rows.count());
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            places[row] = count;
            count += count(row) > 0 ? 1 : 0;
        }
        placeCount = count;
        groups = Math.ceilDiv(shape.heads(), MAX_GROUP);
        step = shape.heads() <= StateKernels.QUERIES ? StateKernels.QUERIES : MAX_GROUP;
        hiddenSize = placeCount == 0 ? 0 : layer.absorption().hiddenSize();
        padded = Lanes.roundUp(hiddenSize, Lanes.VIRTUAL);
        block = blockOf(padded);
    }

    /** States of a block, which depends on nothing but their size. */
    private static int blockOf(int padded) {
        int fitting = BLOCK_FLOATS / Math.max(1, padded) / Lanes.VIRTUAL * Lanes.VIRTUAL;
        return Math.max(Lanes.VIRTUAL, Math.min(MAX_BLOCK, fitting));
    }

    /** Refuses states that the layer can't attend to. */
    static void check(MergedAttention layer, StateBlock states) {
        CpuStateBlock block = CpuStateBlock.of(states);
        Absorption absorption = layer.absorption();
        AttentionShape shape = layer.shape();
        if (absorption == null) {
            throw new IllegalArgumentException(
                    "the layer was made without the weights that states are attended to with");
        }
        if (block.hiddenSize() != absorption.hiddenSize()) {
            throw new IllegalArgumentException(
                    "states have %d values, the layer takes %d".formatted(block.hiddenSize(), absorption.hiddenSize()));
        }
        DecoderAttention.checkHeads(block.shape(), shape);
        Checks.index("layer", layer.layer(), block.shape().layers());
    }

    /** Splits of a row's states; 0 for rows that read none. */
    int count(int row) {
        return splits.rowStarts()[row + 1] - splits.rowStarts()[row];
    }

    /** Brings queries among the states: {@code (q * (1 + w)) W_k}, with zeros for the other key/value heads. */
    void absorb(CpuTensor q, MatrixProduct products) {
        if (placeCount == 0) {
            return;
        }
        Absorption absorption = layer.absorption();
        PanelMatrix weight = PanelMatrix.of(absorption.queries());
        int headDim = shape.headDim();
        float[] norm = Checks.parameters(
                        "the keys' norm", CpuTensor.of(absorption.keyNorm().weight()), headDim)
                .data();
        CpuTensor spread = buffers.tensor(Stage.SPREAD, placeCount * shape.heads(), shape.kvColumns());
        Arrays.fill(spread.data(), 0, spread.rows() * spread.columns(), 0.0f);
        for (int row = 0; row < rows.count(); row++) {
            for (int head = 0; head < shape.heads() && count(row) > 0; head++) {
                int from = row * q.columns() + head * headDim;
                int to = tensorRow(row, head) * spread.columns() + kvHead(head) * headDim;
                for (int i = 0; i < headDim; i++) {
                    spread.data()[to + i] = q.data()[from + i] * (1.0f + norm[i]);
                }
            }
        }
        queries = buffers.tensor(Stage.QUERIES, spread.rows(), hiddenSize);
        sums = buffers.tensor(Stage.SUMS, spread.rows(), hiddenSize);
        partials = buffers.splits.partials((long) tasks() * partialSize());
        Checks.product(spread, weight, queries);
        products.multiply(spread, weight, new PanelSink.Plain(), queries);
    }

    private int tensorRow(int row, int head) {
        return places[row] * shape.heads() + head;
    }

    private int kvHead(int head) {
        return head / (shape.heads() / shape.kvHeads());
    }

    /** What workers may do in any order. */
    int tasks() {
        return splits.count() * groups;
    }

    /** For each split and group: a maximum and a total for each head of the group, then sums [step, padded]. */
    private int partialSize() {
        return step * (2 + padded);
    }

    private int partialAt(int row, int index, int head) {
        return ((splits.rowStarts()[row] + index) * groups + head / MAX_GROUP) * partialSize();
    }

    float maximum(int row, int index, int head) {
        return partials[partialAt(row, index, head) + head % MAX_GROUP];
    }

    float total(int row, int index, int head) {
        return partials[partialAt(row, index, head) + step + head % MAX_GROUP];
    }

    /**
     * Adds up the splits of one row and head.
     *
     * @param weights of the splits, from {@code offset} on
     * @param factor on the sum
     */
    void join(int row, int head, float[] weights, int offset, Scratch scratch, float factor) {
        float[] sum = scratch.floats(Slot.SUMS, padded);
        Arrays.fill(sum, 0, padded, 0.0f);
        for (int i = 0; i < count(row); i++) {
            int from = partialAt(row, i, head) + 2 * step + head % MAX_GROUP * padded;
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[offset + i]);
            for (int j = 0; j < padded; j += COUNT) {
                FloatVector.fromArray(FLOATS, partials, from + j)
                        .fma(weight, FloatVector.fromArray(FLOATS, sum, j))
                        .intoArray(sum, j);
            }
        }
        scale(sum, 0, padded, factor);
        System.arraycopy(sum, 0, sums.data(), tensorRow(row, head) * hiddenSize, hiddenSize);
    }

    private static void scale(float[] values, int from, int count, float factor) {
        for (int i = from; i < from + count; i += COUNT) {
            FloatVector.fromArray(FLOATS, values, i).mul(factor).intoArray(values, i);
        }
    }

    /** Makes values of the sums and adds them to {@code dst} [rows, H*h]. */
    void addValues(CpuTensor dst, MatrixProduct products) {
        if (placeCount == 0) {
            return;
        }
        PanelMatrix weight = PanelMatrix.of(layer.absorption().values());
        CpuTensor values = buffers.tensor(Stage.VALUES, sums.rows(), shape.kvColumns());
        Checks.product(sums, weight, values);
        products.multiply(sums, weight, new PanelSink.Plain(), values);
        int headDim = shape.headDim();
        for (int row = 0; row < rows.count(); row++) {
            for (int head = 0; head < shape.heads() && count(row) > 0; head++) {
                int from = tensorRow(row, head) * values.columns() + kvHead(head) * headDim;
                int to = row * dst.columns() + head * headDim;
                for (int i = 0; i < headDim; i++) {
                    dst.data()[to + i] += values.data()[from + i];
                }
            }
        }
    }

    /** One split of the states, for one group of query heads. */
    void attend(int task, Scratch scratch) {
        new Group(task / groups, task % groups, scratch).run();
    }

    /** Some query heads of one row and one split, in the memory of the worker that has them. */
    private final class Group {

        private final CpuStateBlock states;
        private final MemorySegment memory;
        private final int row;
        private final int split;
        private final int firstHead;
        private final int size;
        private final int partialAt;
        private final int sumsAt;
        private final Scratch scratch;
        private final float[] heads;
        private final float[] scores;
        private final float[] weights;
        private final float[] corrections;

        Group(int split, int group, Scratch scratch) {
            this.split = split;
            this.scratch = scratch;
            row = splits.row(split);
            states = (CpuStateBlock) rows.sequence(row).encoderBlocks().get(splits.source(split));
            memory = states.memory();
            firstHead = group * MAX_GROUP;
            size = Math.min(MAX_GROUP, shape.heads() - firstHead);
            partialAt = (split * groups + group) * partialSize();
            sumsAt = partialAt + 2 * step;
            heads = scratch.floats(Slot.QUERIES, step * padded);
            scores = scratch.floats(Slot.SCORES, step * MAX_BLOCK);
            weights = scratch.floats(Slot.WEIGHTS, step * MAX_BLOCK);
            corrections = scratch.floats(Slot.CORRECTIONS, Lanes.VIRTUAL);
        }

        void run() {
            takeQueries();
            Arrays.fill(partials, partialAt, partialAt + step, Float.NEGATIVE_INFINITY);
            Arrays.fill(partials, partialAt + step, partialAt + partialSize(), 0.0f);
            int end = splits.endToken(split);
            for (int token = splits.firstToken(split); token < end; token += block) {
                int count = Math.min(block, end - token);
                score(token, count);
                weigh(count);
                addStates(token, count);
            }
        }

        private void takeQueries() {
            Arrays.fill(heads, 0, step * padded, 0.0f);
            for (int head = 0; head < size; head++) {
                int from = tensorRow(row, firstHead + head) * hiddenSize;
                System.arraycopy(queries.data(), from, heads, head * padded, hiddenSize);
            }
        }

        private void score(int token, int count) {
            Tile tile = scratch.tile;
            tile.left(heads, 0, padded);
            tile.rows = step;
            tile.right(memory, states.state(token), padded);
            tile.result(scores, 0, MAX_BLOCK);
            tile.depth = padded;
            StateKernels.multiply(tile, count, scratch.floats(Slot.PRODUCT, StateKernels.PARTIALS));
            for (int head = 0; head < size; head++) {
                long scales = states.keyScale(layer.layer(), kvHead(firstHead + head), token);
                for (int i = 0; i < count; i++) {
                    float scale = memory.get(CpuKv.FLOAT, scales + (long) i * Float.BYTES) * shape.scale();
                    scores[head * MAX_BLOCK + i] *= scale;
                }
            }
        }

        /** Turns scores into weights beside the largest score so far, and brings what was summed before down to it. */
        private void weigh(int count) {
            int end = Lanes.roundUp(count, Lanes.VIRTUAL);
            Arrays.fill(corrections, 0, Lanes.VIRTUAL, 0.0f);
            for (int head = 0; head < size; head++) {
                int at = head * MAX_BLOCK;
                Arrays.fill(scores, at + count, at + end, Float.NEGATIVE_INFINITY);
                float before = partials[partialAt + head];
                float max = Math.max(before, VectorMath.max(scores, at, end));
                partials[partialAt + head] = max;
                corrections[head] = before - max;
            }
            VectorMath.exp(corrections, 0, Lanes.VIRTUAL);
            for (int head = 0; head < step; head++) {
                int at = head * MAX_BLOCK;
                if (head < size) {
                    float max = partials[partialAt + head];
                    float total = VectorMath.expSum(scores, at, end, max, scratch.lanes);
                    correct(head);
                    partials[partialAt + step + head] += total;
                }
                for (int i = 0; i < count; i++) {
                    weights[i * step + head] = head < size ? scores[at + i] : 0.0f;
                }
            }
        }

        private void correct(int head) {
            if (corrections[head] < 1.0f) {
                partials[partialAt + step + head] *= corrections[head];
                scale(partials, sumsAt + head * padded, padded, corrections[head]);
            }
        }

        private void addStates(int token, int count) {
            Tile tile = scratch.tile;
            tile.left(weights, 0, step);
            tile.right(memory, states.state(token), padded);
            tile.result(partials, sumsAt, padded);
            tile.depth = count;
            FloatKernels.multiply(tile, step, padded);
        }
    }
}
