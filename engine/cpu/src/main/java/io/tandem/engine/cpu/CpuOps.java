package io.tandem.engine.cpu;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.cpu.Normalisation.Layer;
import io.tandem.engine.cpu.Normalisation.Rms;
import io.tandem.engine.cpu.Normalisation.Rotation;
import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.MergedAttention;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Patches;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Rope;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SelfAttention;
import io.tandem.engine.ops.StateBlock;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import io.tandem.engine.ops.WeightFormat;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The operations on the CPU: this class checks operands and hands the work to its threads.
 *
 * <p>Safe for several threads, whose operations take turns; each operation uses all threads.
 */
final class CpuOps implements Ops {

    /** Values below which waking a second thread takes longer than the work. */
    private static final int TASK_VALUES = 16_384;

    private final WorkerPool pool;
    private final MatrixProduct products;
    private final WeightFormat weights;
    private final Screening screening;
    private final ArgmaxProduct argmaxProduct;
    private final RotaryTable.Tables rotations = new RotaryTable.Tables();

    CpuOps(int threads) {
        this(threads, WeightFormat.STORED, Screening.configured());
    }

    CpuOps(int threads, WeightFormat weights, Screening screening) {
        this.weights = weights;
        this.screening = screening;
        pool = new WorkerPool(threads);
        products = new MatrixProduct(pool);
        argmaxProduct = new ArgmaxProduct(pool, products, screening);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String numerics() {
        return switch (weights) {
            case STORED -> "cpu-f32";
            case INT8 -> "cpu-f32-int8";
        };
    }

    @Override
    public int threads() {
        return pool.threads();
    }

    @Override
    public Optional<String> unsupported(Operation operation, DType dtype) {
        return Optional.empty();
    }

    @Override
    public Tensor tensor(int rows, int columns) {
        return new CpuTensor(rows, columns);
    }

    @Override
    public Weight weight(StoredTensor matrix, Operation... uses) {
        if (weights == WeightFormat.INT8) {
            return QuantisedMatrix.of(matrix, pool);
        }
        PackedMatrix packed = PackedMatrix.pack(matrix, pool);
        if (!Arrays.asList(uses).contains(Operation.ARGMAX_PRODUCT) || !screening.worthItsMemory(matrix.elements())) {
            return packed;
        }
        try {
            ArgmaxScreen screen = ArgmaxScreen.of(matrix, pool);
            return screen == null ? packed : new ScreenedMatrix(packed, screen);
        } catch (RuntimeException | Error e) {
            packed.close();
            throw e;
        }
    }

    @Override
    public void write(Tensor dst, int row, float[] values, int offset, int rows) {
        CpuTensor to = CpuTensor.of(dst);
        Checks.range("dst", to, row, rows);
        System.arraycopy(values, offset, to.data(), row * to.columns(), rows * to.columns());
    }

    @Override
    public void read(Tensor src, int row, float[] values, int offset, int rows) {
        CpuTensor from = CpuTensor.of(src);
        Checks.range("src", from, row, rows);
        System.arraycopy(from.data(), row * from.columns(), values, offset, rows * from.columns());
    }

    @Override
    public void copyRows(Tensor src, int srcRow, Tensor dst, int dstRow, int rows) {
        CpuTensor from = CpuTensor.of(src);
        CpuTensor to = CpuTensor.of(dst);
        Checks.columns("dst", to, from.columns());
        Checks.range("src", from, srcRow, rows);
        Checks.range("dst", to, dstRow, rows);
        int columns = from.columns();
        System.arraycopy(from.data(), srcRow * columns, to.data(), dstRow * columns, rows * columns);
    }

    @Override
    public void embed(Embedding embedding, int[] tokens, Tensor dst) {
        PanelMatrix table = PanelMatrix.of(embedding.table());
        CpuTensor to = CpuTensor.of(dst);
        Checks.columns("dst", to, table.inputs());
        Checks.entries("tokens", tokens, to.rows());
        float[] endOfImage = Checks.parameters("endOfImage", CpuTensor.of(embedding.endOfImage()), to.columns())
                .data();
        for (int row = 0; row < to.rows(); row++) {
            Checks.index("token", tokens[row], table.outputs());
        }
        eachRow(to, (row, scratch) -> {
            int at = row * to.columns();
            if (tokens[row] == embedding.endOfImageToken()) {
                System.arraycopy(endOfImage, 0, to.data(), at, to.columns());
            } else {
                table.readOutput(tokens[row], embedding.scale(), to.data(), at);
            }
        });
    }

    @Override
    public void rmsNorm(Tensor x, RmsNorm norm, Tensor dst) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(dst);
        Checks.shape("dst", to, from.rows(), from.columns());
        Rms rms = Rms.of(norm, from.columns());
        eachRow(from, (row, scratch) -> rms.apply(from.data(), to.data(), row * from.columns(), scratch.lanes));
    }

    @Override
    public void addRmsNorm(Tensor residual, Tensor x, RmsNorm norm) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(residual);
        Checks.shape("residual", to, from.rows(), from.columns());
        Rms rms = Rms.of(norm, from.columns());
        eachRow(from, (row, scratch) -> rms.add(from.data(), to.data(), row * from.columns(), scratch.lanes));
    }

    @Override
    public void layerNorm(Tensor x, LayerNorm norm, Tensor dst) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(dst);
        Checks.shape("dst", to, from.rows(), from.columns());
        Layer layer = Layer.of(norm, from.columns());
        eachRow(from, (row, scratch) -> layer.apply(from.data(), to.data(), row * from.columns(), scratch.lanes));
    }

    @Override
    public void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor dst) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(dst);
        PanelMatrix matrix = PanelMatrix.of(weight);
        Checks.product(from, matrix, to);
        switch (epilogue) {
            case Epilogue.None none -> {}
            case Epilogue.Bias bias -> Checks.bias(bias.bias(), matrix);
            case Epilogue.BiasGelu bias -> Checks.bias(bias.bias(), matrix);
            case Epilogue.BiasAdd bias -> Checks.bias(bias.bias(), matrix);
        }
        products.multiply(from, matrix, PanelSink.of(epilogue), to);
    }

    @Override
    public void geglu(Tensor x, Weight gate, Weight up, Tensor dst) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(dst);
        PanelMatrix gates = PanelMatrix.of(gate);
        PanelMatrix ups = PanelMatrix.of(up);
        Checks.product(from, gates, to);
        Checks.product(from, ups, to);
        if (gates.valueBytes() != ups.valueBytes()) {
            throw new IllegalArgumentException("gate takes %d bytes a value and up %d, they must be alike"
                    .formatted(gates.valueBytes(), ups.valueBytes()));
        }
        products.geglu(from, gates, ups, to);
    }

    @Override
    public void headNormRope(Tensor x, RmsNorm norm, Rope rope, int[] positions) {
        CpuTensor values = CpuTensor.of(x);
        int headDim = norm.weight().columns();
        Rms rms = Rms.of(norm, headDim);
        if (values.columns() % headDim != 0) {
            throw new IllegalArgumentException(
                    "x has %d columns, no whole number of heads of %d".formatted(values.columns(), headDim));
        }
        if (rope != null && rope.headDim() != headDim) {
            throw new IllegalArgumentException(
                    "rope turns heads of %d, the norm has %d".formatted(rope.headDim(), headDim));
        }
        if (rope != null) {
            Checks.entries("positions", positions, values.rows());
        }
        Rotation rotation = rope == null ? null : Rotation.of(rope, rotations);
        eachRow(values, (row, scratch) -> {
            int start = row * values.columns();
            for (int at = start; at < start + values.columns(); at += headDim) {
                rms.apply(values.data(), values.data(), at, scratch.lanes);
                if (rotation != null) {
                    rotation.apply(values.data(), at, positions[row]);
                }
            }
        });
    }

    @Override
    public AttentionKv attentionKv(AttentionShape shape) {
        Checks.heads(shape);
        return new CpuAttentionKv(shape);
    }

    @Override
    public void packKv(Segments segments, Tensor k, Tensor v, AttentionKv dst) {
        CpuAttentionKv.of(dst).fill(segments, CpuTensor.of(k), CpuTensor.of(v), pool);
    }

    @Override
    public void selfAttention(SelfAttention inputs, Tensor dst) {
        RaggedAttention.run(inputs, CpuTensor.of(dst), pool);
    }

    @Override
    public KvPages kvPages(KvShape shape, int pages, int pageTokens) {
        return new CpuKvPages(shape, pages, pageTokens);
    }

    @Override
    public KvBlock kvBlock(KvShape shape, int tokens) {
        return new CpuKvBlock(shape, tokens);
    }

    @Override
    public StateBlock stateBlock(KvShape shape, int hiddenSize, int tokens) {
        return new CpuStateBlock(shape, hiddenSize, tokens);
    }

    @Override
    public void storeSelf(KvPages pages, int layer, DecoderRows rows, Tensor k, Tensor v) {
        CpuKvPages.of(pages).store(layer, rows, CpuTensor.of(k), CpuTensor.of(v));
    }

    @Override
    public void appendEncoder(KvBlock block, int layer, int firstToken, Tensor k, Tensor v) {
        CpuKvBlock.of(block).append(layer, firstToken, CpuTensor.of(k), CpuTensor.of(v), pool);
    }

    @Override
    public void appendStates(StateBlock block, int firstToken, Tensor states) {
        CpuStateBlock.of(block).appendStates(firstToken, CpuTensor.of(states));
    }

    @Override
    public void appendKeyScales(StateBlock block, int layer, int firstToken, Tensor k, float epsilon) {
        CpuStateBlock.of(block).appendKeyScales(layer, firstToken, CpuTensor.of(k), epsilon, pool);
    }

    @Override
    public void mergedAttention(MergedAttention layer, DecoderRows rows, Tensor q, Tensor dst) {
        Checks.heads(layer.shape());
        DecoderAttention.run(layer, rows, CpuTensor.of(q), CpuTensor.of(dst), products);
    }

    @Override
    public void patchify(Tensor pixels, Patches patches, Tensor dst) {
        CpuTensor from = CpuTensor.of(pixels);
        CpuTensor to = CpuTensor.of(dst);
        Checks.columns("pixels", from, patches.channels() * patches.side() * patches.side());
        Checks.shape("dst", to, from.rows() * patches.patchesPerImage(), patches.patchValues());
        eachRow(from, (image, scratch) -> {
            int at = image * patches.patchesPerImage() * patches.patchValues();
            Elementwise.patchify(from.data(), image * from.columns(), patches, to.data(), at);
        });
    }

    @Override
    public void averagePool(Tensor x, int side, int kernel, Tensor dst) {
        CpuTensor from = CpuTensor.of(x);
        CpuTensor to = CpuTensor.of(dst);
        if (side % kernel != 0 || from.rows() % (side * side) != 0) {
            throw new IllegalArgumentException("%d rows are no grids of %d x %d that %d x %d divides"
                    .formatted(from.rows(), side, side, kernel, kernel));
        }
        int pooled = side / kernel;
        Checks.shape("dst", to, from.rows() / (kernel * kernel), from.columns());
        eachRow(to, (row, scratch) -> {
            int image = row / (pooled * pooled);
            int top = row / pooled % pooled * kernel;
            int left = row % pooled * kernel;
            int first = (image * side + top) * side + left;
            Elementwise.pool(from, first * from.columns(), side, kernel, to.data(), row * to.columns());
        });
    }

    @Override
    public void softcap(Tensor x, float cap) {
        CpuTensor values = CpuTensor.of(x);
        int count = values.rows() * values.columns();
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(Math.ceilDiv(count, TASK_VALUES), (part, scratch) -> {
                int from = part * TASK_VALUES;
                Elementwise.softcap(values.data(), from, Math.min(TASK_VALUES, count - from), cap);
            });
        }
    }

    @Override
    public void argmax(Tensor x, int[] dst) {
        CpuTensor values = CpuTensor.of(x);
        Checks.entries("dst", dst, values.rows());
        eachRow(
                values,
                (row, scratch) ->
                        dst[row] = Elementwise.argmax(values.data(), row * values.columns(), values.columns()));
    }

    @Override
    public void argmaxProduct(Tensor x, Weight weight, int[] dst) {
        CpuTensor rows = CpuTensor.of(x);
        Checks.columns("x", rows, weight.inputs());
        Checks.entries("dst", dst, rows.rows());
        argmaxProduct.run(rows, weight, dst);
    }

    @Override
    public Map<String, Long> counters() {
        return argmaxProduct.counters();
    }

    /** Runs a task for each row of {@code tensor}, several rows together when they are short. */
    private void eachRow(CpuTensor tensor, WorkerPool.Task task) {
        int rows = tensor.rows();
        int rowsPerTask = Math.max(1, TASK_VALUES / tensor.columns());
        try (WorkerPool.Turn turn = pool.turn()) {
            turn.run(Math.ceilDiv(rows, rowsPerTask), (part, scratch) -> {
                int end = Math.min(rows, (part + 1) * rowsPerTask);
                for (int row = part * rowsPerTask; row < end; row++) {
                    task.run(row, scratch);
                }
            });
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
