package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.ops.OpsCase.Company;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Cases of the two attentions, and of what stores keys and values for the second. */
final class AttentionCases {

    private static final int PAGE_TOKENS = 4;

    private AttentionCases() {}

    static List<OpsCase> all() {
        List<OpsCase> cases = new ArrayList<>();
        List<AttentionShape> shapes = List.of(
                new AttentionShape(4, 1, 16, 0.3f),
                new AttentionShape(4, 2, 24, 0.2f),
                new AttentionShape(3, 3, 72, 0.12f),
                new AttentionShape(2, 1, 256, 0.0625f));
        for (AttentionShape shape : shapes) {
            for (Reach reach :
                    List.of(Reach.ALL, Reach.encoderWindow(7), Reach.encoderWindow(8), Reach.encoderWindow(100))) {
                cases.add(self(shape, reach, 1));
                cases.add(self(shape, reach, 5, 9, 1));
                cases.add(self(shape, reach, 70, 193, 16));
            }
            for (int window : new int[] {Integer.MAX_VALUE, 7, 8, 64}) {
                cases.add(merged(shape, window, new MergedSizes(new int[] {0}, new int[][] {{1}})));
                cases.add(merged(
                        shape, window, new MergedSizes(new int[] {0, 3, 30}, new int[][] {{17}, {}, {300, 1, 40}})));
                cases.add(merged(shape, window, new MergedSizes(new int[] {90, 5}, new int[][] {{1100}, {64, 64}})));
                cases.add(merged(shape, window, new MergedSizes(new int[] {22, 5}, new int[][] {{3}, {}}, true)));
            }
            for (int hiddenSize : new int[] {40, 64}) {
                cases.add(absorbed(shape, hiddenSize, new MergedSizes(new int[] {0}, new int[][] {{1}})));
                cases.add(absorbed(
                        shape, hiddenSize, new MergedSizes(new int[] {9, 3, 30}, new int[][] {{17}, {}, {300, 1, 40}
                        })));
                cases.add(absorbed(
                        shape, hiddenSize, new MergedSizes(new int[] {90, 5}, new int[][] {{1100, 3}, {64, 513}})));
            }
        }
        for (int heads : new int[] {1, 10, 17}) {
            AttentionShape shape = new AttentionShape(heads, 1, 16, 0.3f);
            cases.add(absorbed(shape, 48, new MergedSizes(new int[] {2, 0}, new int[][] {{33, 7}, {140}})));
        }
        return cases;
    }

    private static OpsCase self(AttentionShape shape, Reach reach, int... lengths) {
        String title = shape + " " + reach + " over " + Arrays.toString(lengths);
        Segments segments = new Segments(lengths);
        return new OpsCase(Operation.SELF_ATTENTION, title, DType.F32, (ops, company) -> {
            CaseInputs inputs = new CaseInputs(ops, 5);
            float[] q = inputs.normal(segments.rows() * shape.queryColumns(), 1);
            float[] k = inputs.normal(segments.rows() * shape.kvColumns(), 1);
            float[] v = inputs.normal(segments.rows() * shape.kvColumns(), 1);
            if (company == Company.TOGETHER) {
                return attend(ops, new AttentionBatch(shape, segments, reach), segments.rows(), q, k, v);
            }
            float[] result = new float[q.length];
            for (int i = 0; i < segments.count(); i++) {
                float[] part = attend(
                        ops,
                        new AttentionBatch(shape, new Segments(segments.length(i)), reach),
                        1 + i,
                        rows(q, segments, i, shape.queryColumns()),
                        rows(k, segments, i, shape.kvColumns()),
                        rows(v, segments, i, shape.kvColumns()));
                System.arraycopy(part, 0, result, segments.start(i) * shape.queryColumns(), part.length);
            }
            return result;
        });
    }

    private static float[] rows(float[] values, Segments segments, int segment, int columns) {
        int from = segments.start(segment) * columns;
        return Arrays.copyOfRange(values, from, from + segments.length(segment) * columns);
    }

    /** What stays the same while the queries of a batch are asked. */
    private record AttentionBatch(AttentionShape shape, Segments segments, Reach reach) {}

    /** Asks a few queries at a time: first {@code queries}, then always three times as many. */
    private static float[] attend(Ops ops, AttentionBatch batch, int queries, float[]... qkv) {
        CaseInputs inputs = new CaseInputs(ops, 0);
        AttentionShape shape = batch.shape();
        int rows = batch.segments().rows();
        float[] result = new float[rows * shape.queryColumns()];
        try (AttentionKv kv = ops.attentionKv(shape);
                Tensor k = inputs.tensor(rows, shape.kvColumns(), qkv[1]);
                Tensor v = inputs.tensor(rows, shape.kvColumns(), qkv[2])) {
            ops.packKv(batch.segments(), k, v, kv);
            for (int row = 0, count = queries; row < rows; row += count, count *= 3) {
                count = Math.min(count, rows - row);
                try (Tensor q = ops.tensor(count, shape.queryColumns());
                        Tensor dst = ops.tensor(count, shape.queryColumns())) {
                    ops.write(q, 0, qkv[0], row * shape.queryColumns(), count);
                    ops.selfAttention(new SelfAttention(kv, batch.reach(), row, q), dst);
                    ops.read(dst, 0, result, row * shape.queryColumns(), count);
                }
            }
        }
        return result;
    }

    /**
     * Sequences of a step.
     *
     * @param stored tokens that each sequence has stored before the step
     * @param blocks for each sequence the tokens of its encoder blocks
     * @param copied whether the step runs on copies of the pages that were stored to
     */
    private record MergedSizes(int[] stored, int[][] blocks, boolean copied) {

        private MergedSizes(int[] stored, int[][] blocks) {
            this(stored, blocks, false);
        }

        /** Tokens of each sequence in the step: one for the first, two for the second, ... */
        int fresh(int sequence) {
            return sequence + 1;
        }

        @Override
        public String toString() {
            return Arrays.toString(stored) + " own tokens and encoder blocks " + Arrays.deepToString(blocks)
                    + (copied ? ", copied" : "");
        }
    }

    /** A sequence of a case. */
    private record CaseSequence(int[] pageTable, List<EncoderBlock> encoderBlocks) implements SequenceKv {}

    /** What fills the blocks of a case: those of even length with keys and values, the others with states if it has a size for them. */
    private record Blocks(KvShape shape, int hiddenSize) {

        EncoderBlock make(Ops ops, int tokens, CaseInputs inputs) {
            return hiddenSize == 0 || tokens % 2 == 0
                    ? kvBlock(ops, shape, tokens, inputs)
                    : stateBlock(ops, tokens, inputs);
        }

        private StateBlock stateBlock(Ops ops, int tokens, CaseInputs inputs) {
            StateBlock block = ops.stateBlock(shape, hiddenSize, tokens);
            eachPiece(tokens, (first, piece) -> {
                try (Tensor states = inputs.tensor(piece, hiddenSize, inputs.normal(piece * hiddenSize, 1))) {
                    ops.appendStates(block, first, states);
                }
                for (int layer = 0; layer < shape.layers(); layer++) {
                    float[] keys = inputs.normal(piece * shape.columns(), 0.7f);
                    try (Tensor k = inputs.tensor(piece, shape.columns(), keys)) {
                        ops.appendKeyScales(block, layer, first, k, 1e-6f);
                    }
                }
            });
            return block;
        }
    }

    /** Sequences whose blocks of odd length are attended to as states. */
    private static OpsCase absorbed(AttentionShape shape, int hiddenSize, MergedSizes sizes) {
        String title = shape + " states of " + hiddenSize + ", " + sizes;
        return new OpsCase(Operation.MERGED_ATTENTION, title, DType.BF16, (ops, company) -> {
            CaseInputs inputs = new CaseInputs(ops, 9);
            try (Weight queries = inputs.weight(hiddenSize, shape.kvColumns(), DType.BF16);
                    Weight values = inputs.weight(shape.kvColumns(), hiddenSize, DType.BF16);
                    Tensor norm = inputs.vector(shape.headDim())) {
                Absorption absorption = new Absorption(queries, values, new RmsNorm(norm, 1e-6f));
                KvShape kv = new KvShape(2, shape.kvHeads(), shape.headDim());
                return merged(ops, company, sizes, new Blocks(kv, hiddenSize), pages -> {
                    return new MergedAttention(1, shape, 64, pages, absorption);
                });
            }
        });
    }

    private static OpsCase merged(AttentionShape shape, int window, MergedSizes sizes) {
        String title = shape + " window " + window + ", " + sizes;
        return new OpsCase(Operation.MERGED_ATTENTION, title, DType.F32, (ops, company) -> {
            KvShape kv = new KvShape(2, shape.kvHeads(), shape.headDim());
            return merged(
                    ops, company, sizes, new Blocks(kv, 0), pages -> new MergedAttention(1, shape, window, pages));
        });
    }

    private static float[] merged(
            Ops ops, Company company, MergedSizes sizes, Blocks blocks, Function<KvPages, MergedAttention> layer) {
        int[] order = new CaseInputs(ops, 6).below(200, 200);
        try (KvPages pages = ops.kvPages(blocks.shape(), 100, PAGE_TOKENS)) {
            List<CaseSequence> sequences = sequences(ops, blocks, sizes, order);
            float[] result = new MergedRun(ops, layer.apply(pages), sizes, sequences).run(company);
            sequences.forEach(sequence -> sequence.encoderBlocks().forEach(EncoderBlock::close));
            return result;
        }
    }

    /** Each sequence gets scattered pages, and blocks that are filled in pieces of uneven size. */
    private static List<CaseSequence> sequences(Ops ops, Blocks filled, MergedSizes sizes, int... order) {
        int[] shuffled = IntStream.range(0, 100)
                .boxed()
                .sorted((a, b) -> order[a] != order[b] ? order[a] - order[b] : a - b)
                .mapToInt(page -> page)
                .toArray();
        int taken = 0;
        CaseInputs inputs = new CaseInputs(ops, 7);
        List<CaseSequence> sequences = new ArrayList<>();
        for (int i = 0; i < sizes.stored().length; i++) {
            int pages = Math.ceilDiv(sizes.stored()[i] + sizes.fresh(i), PAGE_TOKENS);
            List<EncoderBlock> blocks = new ArrayList<>();
            for (int tokens : sizes.blocks()[i]) {
                blocks.add(filled.make(ops, tokens, inputs));
            }
            sequences.add(new CaseSequence(Arrays.copyOfRange(shuffled, taken, taken + pages), blocks));
            taken += pages;
        }
        return sequences;
    }

    private static KvBlock kvBlock(Ops ops, KvShape kv, int tokens, CaseInputs inputs) {
        KvBlock block = ops.kvBlock(kv, tokens);
        eachPiece(tokens, (first, piece) -> {
            for (int layer = 0; layer < kv.layers(); layer++) {
                try (Tensor k = inputs.tensor(piece, kv.columns(), inputs.normal(piece * kv.columns(), 1));
                        Tensor v = inputs.tensor(piece, kv.columns(), inputs.normal(piece * kv.columns(), 1))) {
                    ops.appendEncoder(block, layer, first, k, v);
                }
            }
        });
        return block;
    }

    /** What is done with {@code piece} tokens from {@code first} on. */
    private interface Piece {
        void append(int first, int piece);
    }

    private static void eachPiece(int tokens, Piece append) {
        for (int first = 0, piece = 1; first < tokens; first += piece, piece = Math.min(piece * 3, tokens - first)) {
            append.append(first, piece);
        }
    }

    /** Stores the tokens before the step, then runs it in one call or token by token. */
    private record MergedRun(Ops ops, MergedAttention attention, MergedSizes sizes, List<CaseSequence> sequences) {

        float[] run(Company company) {
            for (int i = 0; i < sequences.size(); i++) {
                if (sizes.stored()[i] > 0) {
                    store(rows(i, 0, sizes.stored()[i]), 100 + i);
                }
            }
            if (sizes.copied()) {
                copyPages();
            }
            List<DecoderRows> steps = new ArrayList<>();
            DecoderRows together = new DecoderRows();
            for (int i = 0; i < sequences.size(); i++) {
                for (int t = sizes.stored()[i]; t < sizes.stored()[i] + sizes.fresh(i); t++) {
                    together.add(sequences.get(i), t);
                    steps.add(rows(i, t, 1));
                }
            }
            int columns = attention.shape().queryColumns();
            float[] queries = new CaseInputs(ops, 8).normal(together.count() * columns, 1);
            store(together, 200);
            if (company == Company.TOGETHER) {
                return attend(together, queries);
            }
            float[] result = new float[queries.length];
            for (int row = 0; row < steps.size(); row++) {
                float[] own = Arrays.copyOfRange(queries, row * columns, (row + 1) * columns);
                System.arraycopy(attend(steps.get(row), own), 0, result, row * columns, columns);
            }
            return result;
        }

        /** Moves the first sequence to copies of its pages, and has the others' tokens written over what it had. */
        private void copyPages() {
            int[] table = sequences.getFirst().pageTable();
            int[] left = table.clone();
            int[] unused = IntStream.range(0, attention.pages().pages())
                    .filter(page -> sequences.stream()
                            .flatMapToInt(sequence -> IntStream.of(sequence.pageTable()))
                            .noneMatch(taken -> taken == page))
                    .toArray();
            int stored = sizes.stored()[0];
            for (int i = 0; i < table.length; i++) {
                table[i] = unused[i];
                if (i * PAGE_TOKENS < stored) {
                    attention.pages().copy(left[i], unused[i]);
                }
            }
            DecoderRows overwriting = new DecoderRows();
            CaseSequence former = new CaseSequence(left, List.of());
            for (int t = 0; t < stored; t++) {
                overwriting.add(former, t);
            }
            store(overwriting, 300);
        }

        private DecoderRows rows(int sequence, int first, int count) {
            DecoderRows rows = new DecoderRows();
            for (int t = first; t < first + count; t++) {
                rows.add(sequences.get(sequence), t);
            }
            return rows;
        }

        private void store(DecoderRows rows, long seed) {
            CaseInputs inputs = new CaseInputs(ops, seed);
            int columns = attention.shape().kvColumns();
            for (int layer = 0; layer < 2; layer++) {
                try (Tensor k = inputs.tensor(rows.count(), columns, inputs.normal(rows.count() * columns, 1));
                        Tensor v = inputs.tensor(rows.count(), columns, inputs.normal(rows.count() * columns, 1))) {
                    ops.storeSelf(attention.pages(), layer, rows, k, v);
                }
            }
        }

        private float[] attend(DecoderRows rows, float[] queries) {
            CaseInputs inputs = new CaseInputs(ops, 0);
            try (Tensor q = inputs.tensor(rows.count(), attention.shape().queryColumns(), queries);
                    Tensor dst = ops.tensor(rows.count(), attention.shape().queryColumns())) {
                ops.mergedAttention(attention, rows, q, dst);
                return CaseInputs.read(ops, dst);
            }
        }
    }
}
