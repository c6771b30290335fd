package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import java.util.Map;
import java.util.Optional;

/**
 * What the model asks of the hardware: coarse operations on the rows of a batch.
 *
 * <p>Numerics: all values are fp32, every sum has one order that depends neither on the other rows of the batch nor on the
 * number of threads, so a row's result is bit-equal in any company. {@code dst} may be the source where an operation says so.
 *
 * <p>Safe for several threads as long as each works on tensors of its own; operations return when their result is there.
 */
public interface Ops extends AutoCloseable {

    /** Name of the backend. */
    String name();

    /** What distinguishes its results from another backend's, for content keys: for instance {@code cpu-f32}. */
    String numerics();

    /** Threads it computes with. */
    int threads();

    /** Why it can't do an operation on weights of a dtype, or nothing when it can; what isn't supported is refused before work begins. */
    Optional<String> unsupported(Operation operation, DType dtype);

    /** A tensor [rows, columns] of undefined contents. */
    Tensor tensor(int rows, int columns);

    /**
     * Prepares a stored matrix [outputs, inputs]; the stored bytes aren't needed afterwards.
     *
     * @param uses what it is for, so that a backend may keep what makes that fast; whatever they are, every operation works
     */
    Weight weight(StoredTensor matrix, Operation... uses);

    /** Copies {@code rows} rows of {@code values} (row-major, from {@code offset}) into {@code dst} from {@code row} on. */
    void write(Tensor dst, int row, float[] values, int offset, int rows);

    /** Copies {@code rows} rows of {@code src} from {@code row} on into {@code values} from {@code offset} on. */
    void read(Tensor src, int row, float[] values, int offset, int rows);

    /** Copies {@code rows} rows from {@code src} at {@code srcRow} to {@code dst} at {@code dstRow}. */
    void copyRows(Tensor src, int srcRow, Tensor dst, int dstRow, int rows);

    /** {@code dst[i] = embedding of tokens[i]} for {@code i < dst.rows()}. */
    void embed(Embedding embedding, int[] tokens, Tensor dst);

    /** {@code dst = norm(x)}; dst may be x. */
    void rmsNorm(Tensor x, RmsNorm norm, Tensor dst);

    /** {@code residual += norm(x)}. */
    void addRmsNorm(Tensor residual, Tensor x, RmsNorm norm);

    /** {@code dst = norm(x)}; dst may be x. */
    void layerNorm(Tensor x, LayerNorm norm, Tensor dst);

    /** {@code dst = epilogue(x W^T)}: x [rows, inputs], dst [rows, outputs], each sum over the inputs in their order. */
    void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor dst);

    /** {@code dst = gelu_tanh(x gate^T) * (x up^T)}: x [rows, inputs], dst [rows, outputs]. */
    void geglu(Tensor x, Weight gate, Weight up, Tensor dst);

    /**
     * Normalises each head of each row, then turns it by its position, in place.
     *
     * @param x [rows, heads * headDim]
     * @param norm over headDim
     * @param rope positions to turn by, or null for none
     * @param positions position of each row; not read without rope
     */
    void headNormRope(Tensor x, RmsNorm norm, Rope rope, int[] positions);

    /** Room for the keys and values of ragged batches. */
    AttentionKv attentionKv(AttentionShape shape);

    /** Lays out the keys and values [rows, G*h] of all segments, in place of what was there. */
    void packKv(Segments segments, Tensor k, Tensor v, AttentionKv dst);

    /**
     * Attention inside each segment of the batch that was laid out: q, dst [queries, H*h]. A query's result does not depend on
     * which others are asked with it; memory grows with queries, never with their product with keys.
     */
    void selfAttention(SelfAttention inputs, Tensor dst);

    /** Pages for the decoder's own keys and values. */
    KvPages kvPages(KvShape shape, int pages, int pageTokens);

    /** An empty block for the keys and values of a segment of {@code tokens} encoder tokens. */
    KvBlock kvBlock(KvShape shape, int tokens);

    /**
     * An empty block for the states of a segment of {@code tokens} encoder tokens.
     *
     * @param shape of the keys that the states would make
     * @param hiddenSize values of a state
     */
    StateBlock stateBlock(KvShape shape, int hiddenSize, int tokens);

    /** Stores one layer's keys and values [rows, G*h] of a step in the pages of their sequences. */
    void storeSelf(KvPages pages, int layer, DecoderRows rows, Tensor k, Tensor v);

    /** Stores one layer's keys and values [rows, G*h] of the encoder tokens from {@code firstToken} on. */
    void appendEncoder(KvBlock block, int layer, int firstToken, Tensor k, Tensor v);

    /** Stores the states [rows, d] of the encoder tokens from {@code firstToken} on. */
    void appendStates(StateBlock block, int firstToken, Tensor states);

    /**
     * Stores {@code 1 / sqrt(mean(k^2) + epsilon)} of each head of one layer's keys of the encoder tokens from {@code firstToken} on.
     *
     * @param k keys before their norm [rows, G*h]
     * @param epsilon the norm's
     */
    void appendKeyScales(StateBlock block, int layer, int firstToken, Tensor k, float epsilon);

    /**
     * Merged attention of the rows of a step: q, dst [rows, H*h]; own keys up to and including the row's position come first, then
     * those of the sequence's encoder blocks, in whichever form each of them is.
     */
    void mergedAttention(MergedAttention layer, DecoderRows rows, Tensor q, Tensor dst);

    /**
     * Cuts images into patches: pixels [images, channels * side * side] (channel-first), dst [images * patchesPerImage,
     * patchValues], each patch channel-first as the convolution's weights are.
     */
    void patchify(Tensor pixels, Patches patches, Tensor dst);

    /**
     * Averages {@code kernel x kernel} neighbours of square grids: x [images * side * side, columns] to dst
     * [images * (side / kernel)^2, columns].
     */
    void averagePool(Tensor x, int side, int kernel, Tensor dst);

    /** {@code x = cap * tanh(x / cap)}, in place. */
    void softcap(Tensor x, float cap);

    /** {@code dst[row] = index of the largest value of row}, the lowest index among equals. */
    void argmax(Tensor x, int[] dst);

    /** {@code dst[row]} = what {@link #argmax} finds in row {@code row} of {@code x W^T}, to the very index, without giving the products. */
    void argmaxProduct(Tensor x, Weight weight, int[] dst);

    /** What was counted since the backend was opened, by name, for the bench and for metrics. */
    default Map<String, Long> counters() {
        return Map.of();
    }

    @Override
    void close();
}
