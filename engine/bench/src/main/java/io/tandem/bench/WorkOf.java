package io.tandem.bench;

import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The {@link Work} of each operation, from its inputs' shapes. */
final class WorkOf {

    private WorkOf() {}

    private static double values(Tensor tensor) {
        return (double) tensor.rows() * tensor.columns();
    }

    private static double values(Weight weight) {
        return (double) weight.outputs() * weight.inputs();
    }

    private static double bytes(Weight weight) {
        return values(weight) * weight.valueBytes();
    }

    static Work copy(int rows, Tensor tensor) {
        return Work.pass((double) rows * tensor.columns(), 0, 2);
    }

    static Work embed(Embedding embedding, Tensor dst) {
        int stored = embedding.table().valueBytes();
        return new Work(values(dst), values(dst) * (stored + Float.BYTES));
    }

    /** Squares, their sum, the two factors. */
    static Work rmsNorm(Tensor x) {
        return Work.pass(values(x), 4, 2);
    }

    static Work addRmsNorm(Tensor x) {
        return Work.pass(values(x), 5, 3);
    }

    /** Mean, differences, their squares and sum, factor, weight and bias. */
    static Work layerNorm(Tensor x) {
        return Work.pass(values(x), 7, 2);
    }

    static Work matmul(Tensor x, Weight weight, Tensor dst) {
        return new Work(2 * x.rows() * values(weight), bytes(weight) + Float.BYTES * (values(x) + values(dst)));
    }

    /** What the whole product would cost: a backend that screens does less, and shows more than the machine's peak. */
    static Work argmaxProduct(Tensor x, Weight weight) {
        return new Work(2 * x.rows() * values(weight), bytes(weight) + Float.BYTES * values(x));
    }

    static Work geglu(Tensor x, Weight gate, Weight up, Tensor dst) {
        return new Work(
                2 * x.rows() * (values(gate) + values(up)),
                bytes(gate) + bytes(up) + Float.BYTES * (values(x) + values(dst)));
    }

    /** The norm and the turn. */
    static Work headNormRope(Tensor x) {
        return Work.pass(values(x), 7, 2);
    }

    /**
     * @param shape heads
     * @param segments of the whole batch; the inputs ask for a run of its rows
     */
    static Work selfAttention(AttentionShape shape, Segments segments, SelfAttention inputs) {
        double visible = 0;
        double keys = 0;
        int end = inputs.firstRow() + inputs.q().rows();
        for (int segment = 0; segment < segments.count(); segment++) {
            int length = segments.length(segment);
            int first = Math.max(0, inputs.firstRow() - segments.start(segment));
            int last = Math.min(length, end - segments.start(segment));
            for (int i = first; i < last; i++) {
                visible += inputs.reach().end(i, length) - inputs.reach().first(i);
            }
            keys += first < last
                    ? inputs.reach().end(last - 1, length) - inputs.reach().first(first)
                    : 0;
        }
        return new Work(
                attentionFlops(shape, visible), 2 * Float.BYTES * (values(inputs.q()) + keys * shape.kvColumns()));
    }

    /** Keys that are shared by rows are read once, as are encoder blocks that are shared by sequences. */
    static Work mergedAttention(MergedAttention layer, DecoderRows rows) {
        AttentionShape shape = layer.shape();
        Set<EncoderBlock> blocks = Collections.newSetFromMap(new IdentityHashMap<>());
        double pairs = 0;
        double statePairs = 0;
        double read = 2.0 * rows.count() * shape.queryColumns();
        for (int row = 0; row < rows.count(); row++) {
            int own = Math.min(rows.position(row) + 1, layer.window());
            pairs += own;
            read += 2.0 * own * shape.kvColumns();
            for (EncoderBlock block : rows.sequence(row).encoderBlocks()) {
                double tokens = block.capacity();
                double valuesPerToken = 0;
                switch (block) {
                    case KvBlock kv -> {
                        pairs += tokens;
                        valuesPerToken = 2.0 * shape.kvColumns();
                    }
                    case StateBlock states -> {
                        statePairs += tokens;
                        valuesPerToken = layer.absorption().hiddenSize() + shape.kvHeads();
                    }
                }
                read += blocks.add(block) ? tokens * valuesPerToken : 0;
            }
        }
        double onStates = statePairs == 0
                ? 0
                : 4 * statePairs * shape.heads() * layer.absorption().hiddenSize();
        return new Work(attentionFlops(shape, pairs) + onStates, Float.BYTES * read);
    }

    /** A score and a weighted value for each pair of a query and a key it sees, in every head. */
    private static double attentionFlops(AttentionShape shape, double pairs) {
        return 4 * pairs * shape.queryColumns();
    }

    static Work store(Tensor k) {
        return Work.pass(2 * values(k), 0, 2);
    }

    static Work appendStates(Tensor states) {
        return Work.pass(values(states), 0, 2);
    }

    static Work appendKeyScales(Tensor k) {
        return Work.pass(values(k), 2, 1);
    }

    static Work patchify(Tensor dst) {
        return Work.pass(values(dst), 0, 2);
    }

    static Work averagePool(Tensor x, Tensor dst) {
        return new Work(values(x), Float.BYTES * (values(x) + values(dst)));
    }

    static Work softcap(Tensor x) {
        return Work.pass(values(x), 3, 2);
    }

    static Work argmax(Tensor x) {
        return Work.pass(values(x), 1, 1);
    }
}
