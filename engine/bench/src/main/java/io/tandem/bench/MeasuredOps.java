package io.tandem.bench;

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
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A backend that counts calls, time and work of its operations. Used by the one thread that runs the model. */
final class MeasuredOps implements Ops {

    private final Ops ops;
    private final OperationTimes times = new OperationTimes();
    /** What each attention works on; its handles say nothing. */
    private final Map<AttentionKv, AttentionShape> shapes = new IdentityHashMap<>();

    private final Map<AttentionKv, Segments> batches = new IdentityHashMap<>();

    /** @param ops does the work, and is closed with this one */
    MeasuredOps(Ops ops) {
        this.ops = ops;
    }

    /** What was counted since it was cleared last. */
    OperationTimes times() {
        return times;
    }

    private void measure(String name, Work work, Runnable operation) {
        long start = System.nanoTime();
        operation.run();
        times.add(name, (System.nanoTime() - start) / 1e9, work);
    }

    private void measure(Operation operation, Work work, Runnable run) {
        measure(operation.name().toLowerCase(Locale.ROOT), work, run);
    }

    private static String name(Operation operation, Weight weight) {
        return operation.name().toLowerCase(Locale.ROOT) + " " + weight.inputs() + "x" + weight.outputs();
    }

    @Override
    public String name() {
        return ops.name();
    }

    @Override
    public String numerics() {
        return ops.numerics();
    }

    @Override
    public int threads() {
        return ops.threads();
    }

    @Override
    public Optional<String> unsupported(Operation operation, DType dtype) {
        return ops.unsupported(operation, dtype);
    }

    @Override
    public Tensor tensor(int rows, int columns) {
        return ops.tensor(rows, columns);
    }

    @Override
    public Weight weight(StoredTensor matrix, Operation... uses) {
        return ops.weight(matrix, uses);
    }

    @Override
    public void write(Tensor dst, int row, float[] values, int offset, int rows) {
        measure("write", WorkOf.copy(rows, dst), () -> ops.write(dst, row, values, offset, rows));
    }

    @Override
    public void read(Tensor src, int row, float[] values, int offset, int rows) {
        measure("read", WorkOf.copy(rows, src), () -> ops.read(src, row, values, offset, rows));
    }

    @Override
    public void copyRows(Tensor src, int srcRow, Tensor dst, int dstRow, int rows) {
        measure("copy_rows", WorkOf.copy(rows, src), () -> ops.copyRows(src, srcRow, dst, dstRow, rows));
    }

    @Override
    public void embed(Embedding embedding, int[] tokens, Tensor dst) {
        measure(Operation.EMBED, WorkOf.embed(embedding, dst), () -> ops.embed(embedding, tokens, dst));
    }

    @Override
    public void rmsNorm(Tensor x, RmsNorm norm, Tensor dst) {
        measure(Operation.RMS_NORM, WorkOf.rmsNorm(x), () -> ops.rmsNorm(x, norm, dst));
    }

    @Override
    public void addRmsNorm(Tensor residual, Tensor x, RmsNorm norm) {
        measure(Operation.ADD_RMS_NORM, WorkOf.addRmsNorm(x), () -> ops.addRmsNorm(residual, x, norm));
    }

    @Override
    public void layerNorm(Tensor x, LayerNorm norm, Tensor dst) {
        measure(Operation.LAYER_NORM, WorkOf.layerNorm(x), () -> ops.layerNorm(x, norm, dst));
    }

    @Override
    public void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor dst) {
        measure(
                name(Operation.MATMUL, weight),
                WorkOf.matmul(x, weight, dst),
                () -> ops.matmul(x, weight, epilogue, dst));
    }

    @Override
    public void argmaxProduct(Tensor x, Weight weight, int[] dst) {
        measure(
                name(Operation.ARGMAX_PRODUCT, weight),
                WorkOf.argmaxProduct(x, weight),
                () -> ops.argmaxProduct(x, weight, dst));
    }

    @Override
    public Map<String, Long> counters() {
        return ops.counters();
    }

    @Override
    public void geglu(Tensor x, Weight gate, Weight up, Tensor dst) {
        measure(name(Operation.GEGLU, gate), WorkOf.geglu(x, gate, up, dst), () -> ops.geglu(x, gate, up, dst));
    }

    @Override
    public void headNormRope(Tensor x, RmsNorm norm, Rope rope, int[] positions) {
        measure(Operation.HEAD_NORM_ROPE, WorkOf.headNormRope(x), () -> ops.headNormRope(x, norm, rope, positions));
    }

    @Override
    public AttentionKv attentionKv(AttentionShape shape) {
        AttentionKv kv = ops.attentionKv(shape);
        shapes.put(kv, shape);
        return kv;
    }

    @Override
    public void packKv(Segments segments, Tensor k, Tensor v, AttentionKv dst) {
        batches.put(dst, segments);
        measure(Operation.PACK_KV, WorkOf.store(k), () -> ops.packKv(segments, k, v, dst));
    }

    @Override
    public void selfAttention(SelfAttention inputs, Tensor dst) {
        Work work = WorkOf.selfAttention(shapes.get(inputs.kv()), batches.get(inputs.kv()), inputs);
        measure(Operation.SELF_ATTENTION, work, () -> ops.selfAttention(inputs, dst));
    }

    @Override
    public KvPages kvPages(KvShape shape, int pages, int pageTokens) {
        return ops.kvPages(shape, pages, pageTokens);
    }

    @Override
    public KvBlock kvBlock(KvShape shape, int tokens) {
        return ops.kvBlock(shape, tokens);
    }

    @Override
    public StateBlock stateBlock(KvShape shape, int hiddenSize, int tokens) {
        return ops.stateBlock(shape, hiddenSize, tokens);
    }

    @Override
    public void storeSelf(KvPages pages, int layer, DecoderRows rows, Tensor k, Tensor v) {
        measure(Operation.STORE_SELF, WorkOf.store(k), () -> ops.storeSelf(pages, layer, rows, k, v));
    }

    @Override
    public void appendEncoder(KvBlock block, int layer, int firstToken, Tensor k, Tensor v) {
        measure(Operation.APPEND_ENCODER, WorkOf.store(k), () -> ops.appendEncoder(block, layer, firstToken, k, v));
    }

    @Override
    public void appendStates(StateBlock block, int firstToken, Tensor states) {
        measure(
                Operation.APPEND_STATES,
                WorkOf.appendStates(states),
                () -> ops.appendStates(block, firstToken, states));
    }

    @Override
    public void appendKeyScales(StateBlock block, int layer, int firstToken, Tensor k, float epsilon) {
        measure(
                Operation.APPEND_KEY_SCALES,
                WorkOf.appendKeyScales(k),
                () -> ops.appendKeyScales(block, layer, firstToken, k, epsilon));
    }

    @Override
    public void mergedAttention(MergedAttention layer, DecoderRows rows, Tensor q, Tensor dst) {
        measure(
                Operation.MERGED_ATTENTION,
                WorkOf.mergedAttention(layer, rows),
                () -> ops.mergedAttention(layer, rows, q, dst));
    }

    @Override
    public void patchify(Tensor pixels, Patches patches, Tensor dst) {
        measure(Operation.PATCHIFY, WorkOf.patchify(dst), () -> ops.patchify(pixels, patches, dst));
    }

    @Override
    public void averagePool(Tensor x, int side, int kernel, Tensor dst) {
        measure(Operation.AVERAGE_POOL, WorkOf.averagePool(x, dst), () -> ops.averagePool(x, side, kernel, dst));
    }

    @Override
    public void softcap(Tensor x, float cap) {
        measure(Operation.SOFTCAP, WorkOf.softcap(x), () -> ops.softcap(x, cap));
    }

    @Override
    public void argmax(Tensor x, int[] dst) {
        measure(Operation.ARGMAX, WorkOf.argmax(x), () -> ops.argmax(x, dst));
    }

    @Override
    public void close() {
        ops.close();
    }
}
