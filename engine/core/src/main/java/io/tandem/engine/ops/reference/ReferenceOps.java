package io.tandem.engine.ops.reference;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
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
import java.util.Optional;

/**
 * The oracle: each operation as the loops that define it, on one thread. Values are stored in fp32; sums are made in fp64 and
 * rounded once, so that what another backend is measured against has no error of its own.
 */
public final class ReferenceOps implements Ops {

    static final String NAME = "reference";

    private final WeightFormat weights;

    /** With weights as they are stored. */
    public ReferenceOps() {
        this(WeightFormat.STORED);
    }

    public ReferenceOps(WeightFormat weights) {
        this.weights = weights;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String numerics() {
        return switch (weights) {
            case STORED -> "reference-f32";
            case INT8 -> "reference-f32-int8";
        };
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public Optional<String> unsupported(Operation operation, DType dtype) {
        return Optional.empty();
    }

    @Override
    public Tensor tensor(int rows, int columns) {
        return new HeapTensor(rows, columns);
    }

    @Override
    public Weight weight(StoredTensor matrix, Operation... uses) {
        return switch (weights) {
            case STORED -> HeapWeight.of(matrix);
            case INT8 -> HeapWeight.of(matrix).quantised();
        };
    }

    @Override
    public void write(Tensor dst, int row, float[] values, int offset, int rows) {
        HeapTensor to = HeapTensor.of(dst);
        System.arraycopy(values, offset, to.values(), to.start(row), rows * to.columns());
    }

    @Override
    public void read(Tensor src, int row, float[] values, int offset, int rows) {
        HeapTensor from = HeapTensor.of(src);
        System.arraycopy(from.values(), from.start(row), values, offset, rows * from.columns());
    }

    @Override
    public void copyRows(Tensor src, int srcRow, Tensor dst, int dstRow, int rows) {
        HeapTensor from = HeapTensor.of(src);
        HeapTensor to = HeapTensor.of(dst);
        System.arraycopy(from.values(), from.start(srcRow), to.values(), to.start(dstRow), rows * to.columns());
    }

    @Override
    public void embed(Embedding embedding, int[] tokens, Tensor dst) {
        HeapTensor to = HeapTensor.of(dst);
        HeapWeight table = (HeapWeight) embedding.table();
        float[] endOfImage = HeapTensor.of(embedding.endOfImage()).values();
        for (int row = 0; row < to.rows(); row++) {
            for (int i = 0; i < to.columns(); i++) {
                to.values()[to.start(row) + i] = tokens[row] == embedding.endOfImageToken()
                        ? endOfImage[i]
                        : table.values()[tokens[row] * table.inputs() + i] * embedding.scale();
            }
        }
    }

    @Override
    public void rmsNorm(Tensor x, RmsNorm norm, Tensor dst) {
        HeapTensor from = HeapTensor.of(x);
        HeapTensor to = HeapTensor.of(dst);
        for (int row = 0; row < from.rows(); row++) {
            double inverse = inverseRms(from.values(), from.start(row), from.columns(), norm.epsilon());
            for (int i = 0; i < from.columns(); i++) {
                to.values()[to.start(row) + i] = normalised(from.values()[from.start(row) + i], inverse, norm, i);
            }
        }
    }

    @Override
    public void addRmsNorm(Tensor residual, Tensor x, RmsNorm norm) {
        HeapTensor from = HeapTensor.of(x);
        HeapTensor to = HeapTensor.of(residual);
        for (int row = 0; row < from.rows(); row++) {
            double inverse = inverseRms(from.values(), from.start(row), from.columns(), norm.epsilon());
            for (int i = 0; i < from.columns(); i++) {
                to.values()[to.start(row) + i] += normalised(from.values()[from.start(row) + i], inverse, norm, i);
            }
        }
    }

    private static double inverseRms(float[] values, int start, int count, float epsilon) {
        double squares = 0;
        for (int i = start; i < start + count; i++) {
            squares += (double) values[i] * values[i];
        }
        return 1 / Math.sqrt(squares / count + epsilon);
    }

    private static float normalised(float value, double inverse, RmsNorm norm, int column) {
        return (float) (value * inverse * (1.0 + HeapTensor.of(norm.weight()).values()[column]));
    }

    @Override
    public void layerNorm(Tensor x, LayerNorm norm, Tensor dst) {
        HeapTensor from = HeapTensor.of(x);
        HeapTensor to = HeapTensor.of(dst);
        float[] weight = HeapTensor.of(norm.weight()).values();
        float[] bias = HeapTensor.of(norm.bias()).values();
        int columns = from.columns();
        for (int row = 0; row < from.rows(); row++) {
            double mean = 0;
            for (int i = 0; i < columns; i++) {
                mean += from.values()[from.start(row) + i];
            }
            mean /= columns;
            double variance = 0;
            for (int i = 0; i < columns; i++) {
                double distance = from.values()[from.start(row) + i] - mean;
                variance += distance * distance;
            }
            double inverse = 1 / Math.sqrt(variance / columns + norm.epsilon());
            for (int i = 0; i < columns; i++) {
                double centred = from.values()[from.start(row) + i] - mean;
                to.values()[to.start(row) + i] = (float) (centred * inverse * weight[i] + bias[i]);
            }
        }
    }

    @Override
    public void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor dst) {
        HeapTensor from = HeapTensor.of(x);
        HeapTensor to = HeapTensor.of(dst);
        for (int row = 0; row < from.rows(); row++) {
            for (int output = 0; output < weight.outputs(); output++) {
                int at = to.start(row) + output;
                double dot = dot(from, row, (HeapWeight) weight, output);
                to.values()[at] = switch (epilogue) {
                    case Epilogue.None() -> (float) dot;
                    case Epilogue.Bias(Tensor bias) ->
                        (float) (dot + HeapTensor.of(bias).values()[output]);
                    case Epilogue.BiasGelu(Tensor bias) ->
                        (float) geluTanh(dot + HeapTensor.of(bias).values()[output]);
                    case Epilogue.BiasAdd(Tensor bias) ->
                        (float) (to.values()[at] + (dot + HeapTensor.of(bias).values()[output]));
                };
            }
        }
    }

    @Override
    public void geglu(Tensor x, Weight gate, Weight up, Tensor dst) {
        HeapTensor from = HeapTensor.of(x);
        HeapTensor to = HeapTensor.of(dst);
        for (int row = 0; row < from.rows(); row++) {
            for (int output = 0; output < gate.outputs(); output++) {
                double gated = geluTanh(dot(from, row, (HeapWeight) gate, output));
                to.values()[to.start(row) + output] = (float) (gated * dot(from, row, (HeapWeight) up, output));
            }
        }
    }

    private static double dot(HeapTensor x, int row, HeapWeight weight, int output) {
        float[] a = x.values();
        float[] b = weight.values();
        int from = x.start(row);
        int with = output * weight.inputs();
        double sum = 0;
        for (int i = 0; i < weight.inputs(); i++) {
            sum += (double) a[from + i] * b[with + i];
        }
        return sum;
    }

    /** {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, arXiv 1606.08415. */
    private static double geluTanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    @Override
    public void headNormRope(Tensor x, RmsNorm norm, Rope rope, int[] positions) {
        HeapTensor rows = HeapTensor.of(x);
        int headDim = norm.weight().columns();
        for (int row = 0; row < rows.rows(); row++) {
            for (int start = rows.start(row); start < rows.start(row + 1); start += headDim) {
                double inverse = inverseRms(rows.values(), start, headDim, norm.epsilon());
                for (int i = 0; i < headDim; i++) {
                    rows.values()[start + i] = normalised(rows.values()[start + i], inverse, norm, i);
                }
                if (rope != null) {
                    turn(rows.values(), start, rope, positions[row]);
                }
            }
        }
    }

    /** Turns the pairs (i, i + h/2) of the head that begins at {@code start}. */
    private static void turn(float[] values, int start, Rope rope, int position) {
        int half = rope.headDim() / 2;
        for (int i = 0; i < half; i++) {
            float angle = rope.angle(position, i);
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            double first = values[start + i];
            double second = values[start + half + i];
            values[start + i] = (float) (first * cos - second * sin);
            values[start + half + i] = (float) (second * cos + first * sin);
        }
    }

    @Override
    public AttentionKv attentionKv(AttentionShape shape) {
        return new HeapAttentionKv(shape);
    }

    @Override
    public void packKv(Segments segments, Tensor k, Tensor v, AttentionKv dst) {
        ((HeapAttentionKv) dst).fill(segments, HeapTensor.of(k), HeapTensor.of(v));
    }

    @Override
    public void selfAttention(SelfAttention inputs, Tensor dst) {
        ReferenceAttention.self(inputs, HeapTensor.of(dst));
    }

    @Override
    public KvPages kvPages(KvShape shape, int pages, int pageTokens) {
        return new HeapKvPages(shape, pages, pageTokens);
    }

    @Override
    public KvBlock kvBlock(KvShape shape, int tokens) {
        return new HeapKvBlock(shape, tokens);
    }

    @Override
    public StateBlock stateBlock(KvShape shape, int hiddenSize, int tokens) {
        return new HeapStateBlock(shape, hiddenSize, tokens);
    }

    @Override
    public void storeSelf(KvPages pages, int layer, DecoderRows rows, Tensor k, Tensor v) {
        HeapKvPages to = (HeapKvPages) pages;
        for (int row = 0; row < rows.count(); row++) {
            int start = to.start(rows.sequence(row).pageTable(), rows.position(row));
            read(k, row, to.keys(layer), start, 1);
            read(v, row, to.values(layer), start, 1);
        }
    }

    @Override
    public void appendEncoder(KvBlock block, int layer, int firstToken, Tensor k, Tensor v) {
        HeapKvBlock to = (HeapKvBlock) block;
        read(k, 0, to.keys(layer), to.start(firstToken), k.rows());
        read(v, 0, to.values(layer), to.start(firstToken), v.rows());
    }

    @Override
    public void appendStates(StateBlock block, int firstToken, Tensor states) {
        HeapStateBlock to = (HeapStateBlock) block;
        read(states, 0, to.states(), to.start(firstToken), states.rows());
    }

    @Override
    public void appendKeyScales(StateBlock block, int layer, int firstToken, Tensor k, float epsilon) {
        HeapTensor keys = HeapTensor.of(k);
        HeapStateBlock to = (HeapStateBlock) block;
        int headDim = k.columns() / to.kvHeads();
        for (int row = 0; row < k.rows(); row++) {
            for (int head = 0; head < to.kvHeads(); head++) {
                double scale = inverseRms(keys.values(), keys.start(row) + head * headDim, headDim, epsilon);
                to.keyScale(layer, firstToken + row, head, (float) scale);
            }
        }
    }

    @Override
    public void mergedAttention(MergedAttention layer, DecoderRows rows, Tensor q, Tensor dst) {
        ReferenceAttention.merged(layer, rows, HeapTensor.of(q), HeapTensor.of(dst));
    }

    @Override
    public void patchify(Tensor pixels, Patches patches, Tensor dst) {
        ReferencePixels.patchify(HeapTensor.of(pixels), patches, HeapTensor.of(dst));
    }

    @Override
    public void averagePool(Tensor x, int side, int kernel, Tensor dst) {
        ReferencePixels.averagePool(HeapTensor.of(x), side, kernel, HeapTensor.of(dst));
    }

    @Override
    public void softcap(Tensor x, float cap) {
        HeapTensor rows = HeapTensor.of(x);
        for (int i = 0; i < rows.start(rows.rows()); i++) {
            rows.values()[i] = (float) (cap * Math.tanh(rows.values()[i] / cap));
        }
    }

    @Override
    public void argmax(Tensor x, int[] dst) {
        HeapTensor rows = HeapTensor.of(x);
        Arrays.setAll(dst, row -> row < rows.rows() ? indexOfLargest(rows, row) : dst[row]);
    }

    @Override
    public void argmaxProduct(Tensor x, Weight weight, int[] dst) {
        HeapTensor products = new HeapTensor(x.rows(), weight.outputs());
        matmul(x, weight, Epilogue.NONE, products);
        argmax(products, dst);
    }

    private static int indexOfLargest(HeapTensor x, int row) {
        int best = 0;
        for (int i = 1; i < x.columns(); i++) {
            if (x.values()[x.start(row) + i] > x.values()[x.start(row) + best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        // Nothing but arrays is held.
    }
}
