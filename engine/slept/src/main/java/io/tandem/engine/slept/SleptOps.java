package io.tandem.engine.slept;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.AttentionKv;
import io.tandem.engine.ops.AttentionShape;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.EncoderBlock;
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
import java.util.Arrays;
import java.util.Optional;

/**
 * Operations that compute nothing: each row of a tensor is one {@linkplain MarkTensor mark}. The most probable next token follows from
 * the token before, its position and every token that was read, so answers are the same in any company, and states that got lost or
 * mixed up on their way would change them. Distributions mean nothing. A decoder step sleeps, whatever its batch.
 */
final class SleptOps implements Ops {

    static final String NAME = "slept";

    private final Pace pace;

    /** @param pace of decoder steps */
    SleptOps(Pace pace) {
        this.pace = pace;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** Its own, so that made-up states never meet computed ones. */
    @Override
    public String numerics() {
        return NAME;
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
        return new MarkTensor(rows, columns);
    }

    @Override
    public Weight weight(StoredTensor matrix, Operation... uses) {
        int[] shape = matrix.shape();
        return new Handles.Sizes(shape[0], shape[shape.length - 1]);
    }

    @Override
    public void write(Tensor dst, int row, float[] values, int offset, int rows) {
        for (int i = 0; i < rows; i++) {
            MarkTensor.of(dst).mark(row + i, (int) values[offset + i * dst.columns()]);
        }
    }

    @Override
    public void read(Tensor src, int row, float[] values, int offset, int rows) {
        Arrays.fill(values, offset, offset + rows * src.columns(), 0);
        for (int i = 0; i < rows; i++) {
            values[offset + i * src.columns()] = MarkTensor.of(src).mark(row + i);
        }
    }

    @Override
    public void copyRows(Tensor src, int srcRow, Tensor dst, int dstRow, int rows) {
        MarkTensor.of(dst).copy(MarkTensor.of(src), srcRow, dstRow, rows);
    }

    @Override
    public void embed(Embedding embedding, int[] tokens, Tensor dst) {
        for (int row = 0; row < dst.rows(); row++) {
            MarkTensor.of(dst).mark(row, tokens[row]);
        }
    }

    @Override
    public void rmsNorm(Tensor x, RmsNorm norm, Tensor dst) {
        pass(x, dst);
    }

    @Override
    public void addRmsNorm(Tensor residual, Tensor x, RmsNorm norm) {
        MarkTensor sum = MarkTensor.of(residual);
        for (int row = 0; row < x.rows(); row++) {
            sum.mark(row, MarkTensor.mix(sum.mark(row), MarkTensor.of(x).mark(row)));
        }
    }

    @Override
    public void layerNorm(Tensor x, LayerNorm norm, Tensor dst) {
        pass(x, dst);
    }

    @Override
    public void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor dst) {
        pass(x, dst);
    }

    @Override
    public void geglu(Tensor x, Weight gate, Weight up, Tensor dst) {
        pass(x, dst);
    }

    @Override
    public void headNormRope(Tensor x, RmsNorm norm, Rope rope, int[] positions) {
        // Attention is told the positions, too.
    }

    @Override
    public AttentionKv attentionKv(AttentionShape shape) {
        return new Handles.NoAttentionKv();
    }

    @Override
    public void packKv(Segments segments, Tensor k, Tensor v, AttentionKv dst) {
        // Nobody looks at it: what is read stays a mark of its own token.
    }

    @Override
    public void selfAttention(SelfAttention inputs, Tensor dst) {
        for (int row = 0; row < dst.rows(); row++) {
            MarkTensor.of(dst).mark(row, 0);
        }
    }

    @Override
    public KvPages kvPages(KvShape shape, int pages, int pageTokens) {
        return new Handles.NoPages(pages, pageTokens);
    }

    @Override
    public KvBlock kvBlock(KvShape shape, int tokens) {
        return new Handles.DigestKv(tokens, tokens * shape.bytesPerToken(), new Handles.Digest());
    }

    @Override
    public StateBlock stateBlock(KvShape shape, int hiddenSize, int tokens) {
        return new Handles.DigestStates(tokens, tokens * shape.stateBytesPerToken(hiddenSize), new Handles.Digest());
    }

    /** Where a step sleeps: only decoders come here, in every step and first in its first layer. */
    @Override
    public void storeSelf(KvPages pages, int layer, DecoderRows rows, Tensor k, Tensor v) {
        if (layer == 0) {
            pace.step();
        }
    }

    @Override
    public void appendEncoder(KvBlock block, int layer, int firstToken, Tensor k, Tensor v) {
        if (layer == 0) {
            ((Handles.DigestKv) block).digest().append(k);
        }
    }

    @Override
    public void appendStates(StateBlock block, int firstToken, Tensor states) {
        ((Handles.DigestStates) block).digest().append(states);
    }

    @Override
    public void appendKeyScales(StateBlock block, int layer, int firstToken, Tensor k, float epsilon) {
        // The states have said everything.
    }

    @Override
    public void mergedAttention(MergedAttention layer, DecoderRows rows, Tensor q, Tensor dst) {
        for (int row = 0; row < rows.count(); row++) {
            int mark = MarkTensor.mix(MarkTensor.of(q).mark(row), rows.position(row));
            for (EncoderBlock block : rows.sequence(row).encoderBlocks()) {
                mark = MarkTensor.mix(mark, digest(block).value());
            }
            MarkTensor.of(dst).mark(row, mark);
        }
    }

    private static Handles.Digest digest(EncoderBlock block) {
        return switch (block) {
            case KvBlock keysAndValues -> ((Handles.DigestKv) keysAndValues).digest();
            case StateBlock states -> ((Handles.DigestStates) states).digest();
        };
    }

    @Override
    public void patchify(Tensor pixels, Patches patches, Tensor dst) {
        spread(pixels, dst);
    }

    @Override
    public void averagePool(Tensor x, int side, int kernel, Tensor dst) {
        spread(x, dst);
    }

    @Override
    public void softcap(Tensor x, float cap) {
        // Marks have no size.
    }

    @Override
    public void argmax(Tensor x, int[] dst) {
        for (int row = 0; row < x.rows(); row++) {
            dst[row] = token(MarkTensor.of(x).mark(row), x.columns());
        }
    }

    @Override
    public void argmaxProduct(Tensor x, Weight weight, int[] dst) {
        for (int row = 0; row < x.rows(); row++) {
            dst[row] = token(MarkTensor.of(x).mark(row), weight.outputs());
        }
    }

    /** From the middle of the vocabulary: special tokens are at its ends. */
    private static int token(int mark, int vocabulary) {
        return vocabulary / 2 + mark % Math.max(1, vocabulary / 4);
    }

    private static void pass(Tensor x, Tensor dst) {
        MarkTensor.of(dst).copy(MarkTensor.of(x), 0, 0, x.rows());
    }

    /** Where rows are cut or pooled, each comes from the first of those in its place. */
    private static void spread(Tensor x, Tensor dst) {
        for (int row = 0; row < dst.rows(); row++) {
            int source = (int) ((long) row * x.rows() / dst.rows());
            MarkTensor.of(dst).mark(row, MarkTensor.of(x).mark(source));
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
