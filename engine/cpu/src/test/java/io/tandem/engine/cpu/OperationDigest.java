package io.tandem.engine.cpu;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Absorption;
import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.EncoderBlock;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Reach;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Rope;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.SequenceKv;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import io.tandem.engine.ops.WeightFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/**
 * Runs every operation that computes on odd shapes, and a small model, and prints numbers that stand for the bits of all results, for
 * each weight format.
 */
final class OperationDigest {

    private static final long MODEL_SEEDS = 4;

    private final Ops ops;
    private final Random random = new Random(42);
    private long digest = 17;

    private OperationDigest(Ops ops) {
        this.ops = ops;
    }

    public static void main(String... arguments) {
        System.out.println(compute());
    }

    static String compute() {
        StringBuilder digests = new StringBuilder();
        for (WeightFormat weights : WeightFormat.values()) {
            try (Ops ops = new CpuOps(2, weights, Screening.ON)) {
                OperationDigest digest = new OperationDigest(ops);
                digest.products();
                if (weights == WeightFormat.STORED) {
                    digest.norms();
                    digest.selfAttention();
                    digest.mergedAttention();
                }
                digests.append(Long.toHexString(digest.digest)).append(' ');
            }
            try (RandomCompany company = new RandomCompany(weights)) {
                for (long seed = 0; seed < MODEL_SEEDS; seed++) {
                    digests.append(Long.toHexString(company.check(seed))).append(' ');
                }
            }
        }
        return digests.toString().strip();
    }

    private Tensor tensor(int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor tensor = ops.tensor(rows, columns);
        ops.write(tensor, 0, values, 0, rows);
        return tensor;
    }

    private Weight weight(DType dtype, int outputs, int inputs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate((long) outputs * inputs * dtype.byteSize());
            for (int i = 0; i < outputs * inputs; i++) {
                float value = (float) random.nextGaussian() / 8;
                if (dtype == DType.F32) {
                    data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
                } else {
                    short upper = (short) (Float.floatToIntBits(value) >>> Short.SIZE);
                    data.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, upper);
                }
            }
            return ops.weight(
                    new StoredTensor("w", dtype, new int[] {outputs, inputs}, data), Operation.ARGMAX_PRODUCT);
        }
    }

    private void add(Tensor tensor) {
        float[] values = new float[tensor.rows() * tensor.columns()];
        ops.read(tensor, 0, values, 0, tensor.rows());
        for (float value : values) {
            digest = digest * 1_000_003 + Float.floatToIntBits(value);
        }
    }

    private void norms() {
        for (int columns : new int[] {7, 16, 100, 257}) {
            Tensor x = tensor(5, columns);
            RmsNorm norm = new RmsNorm(tensor(1, columns), 1e-6f);
            Tensor dst = tensor(5, columns);
            ops.addRmsNorm(dst, x, norm);
            add(dst);
            ops.layerNorm(x, new LayerNorm(tensor(1, columns), tensor(1, columns), 1e-6f), dst);
            add(dst);
            ops.softcap(dst, 1.5f);
            add(dst);
        }
        Tensor heads = tensor(4, 3 * 38);
        RmsNorm headNorm = new RmsNorm(tensor(1, 38), 1e-6f);
        ops.headNormRope(heads, headNorm, new Rope(10_000, 8, 38), new int[] {0, 5, 300, 70_000});
        add(heads);
    }

    private void products() {
        for (DType dtype : List.of(DType.BF16, DType.F32)) {
            Weight gate = weight(dtype, 75, 90);
            Weight up = weight(dtype, 75, 90);
            Tensor bias = tensor(1, 75);
            for (int rows : new int[] {1, 2, 3, 7, 30}) {
                Tensor x = tensor(rows, 90);
                Tensor dst = tensor(rows, 75);
                ops.geglu(x, gate, up, dst);
                add(dst);
                ops.matmul(x, up, new Epilogue.BiasGelu(bias), dst);
                add(dst);
                ops.matmul(x, up, new Epilogue.BiasAdd(bias), dst);
                add(dst);
                int[] best = new int[rows];
                ops.argmaxProduct(x, up, best);
                for (int index : best) {
                    digest = digest * 1_000_003 + index;
                }
            }
        }
    }

    private void selfAttention() {
        for (int headDim : new int[] {24, 72}) {
            AttentionShape shape = new AttentionShape(4, 2, headDim, 0.2f);
            for (Reach reach : List.of(Reach.ALL, Reach.encoderWindow(20))) {
                Tensor q = tensor(100, shape.queryColumns());
                Tensor k = tensor(100, shape.kvColumns());
                Tensor v = tensor(100, shape.kvColumns());
                Tensor dst = ops.tensor(100, shape.queryColumns());
                try (AttentionKv kv = ops.attentionKv(shape)) {
                    ops.packKv(new Segments(70, 1, 29), k, v, kv);
                    ops.selfAttention(new SelfAttention(kv, reach, 0, q), dst);
                }
                add(dst);
            }
        }
    }

    private record Sequence(int[] pageTable, List<EncoderBlock> encoderBlocks) implements SequenceKv {}

    private void mergedAttention() {
        AttentionShape shape = new AttentionShape(10, 2, 24, 0.2f);
        KvShape kv = new KvShape(1, 2, 24);
        Absorption absorption = new Absorption(
                weight(DType.BF16, 70, kv.columns()),
                weight(DType.BF16, kv.columns(), 70),
                new RmsNorm(tensor(1, 24), 1e-6f));
        try (KvPages pages = ops.kvPages(kv, 8, 6);
                KvBlock block = ops.kvBlock(kv, 700);
                StateBlock states = ops.stateBlock(kv, 70, 600)) {
            ops.appendEncoder(block, 0, 0, tensor(700, kv.columns()), tensor(700, kv.columns()));
            ops.appendStates(states, 0, tensor(600, 70));
            ops.appendKeyScales(states, 0, 0, tensor(600, kv.columns()), 1e-6f);
            for (List<EncoderBlock> blocks : List.<List<EncoderBlock>>of(List.of(block), List.of(states, block))) {
                SequenceKv sequence = new Sequence(new int[] {3, 1, 5}, blocks);
                DecoderRows rows = new DecoderRows();
                for (int position = 0; position < 14; position++) {
                    rows.add(sequence, position);
                }
                ops.storeSelf(pages, 0, rows, tensor(14, kv.columns()), tensor(14, kv.columns()));
                Tensor q = tensor(14, shape.queryColumns());
                Tensor dst = ops.tensor(14, shape.queryColumns());
                ops.mergedAttention(new MergedAttention(0, shape, 5, pages, absorption), rows, q, dst);
                add(dst);
            }
        }
    }
}
