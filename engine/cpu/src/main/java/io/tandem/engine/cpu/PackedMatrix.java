package io.tandem.engine.cpu;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A weight in panels of 64 outputs, in native memory: panel p holds, for each input in order, the values of outputs 64 p to
 * 64 p + 63, those beyond the last output being 0. bf16 stays bf16; fp16 is widened to fp32 when it is packed.
 */
final class PackedMatrix implements Weight {

    /** Outputs a panel: four of the widest vectors, and a cache line or two of bf16 or fp32. */
    static final int PANEL = 64;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment memory;
    private final int outputs;
    private final int inputs;
    private final DType dtype;

    private PackedMatrix(int outputs, int inputs, DType dtype) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.dtype = dtype;
        this.arena = Arena.ofShared();
        this.memory = HugePages.allocate(arena, panels() * panelBytes());
    }

    /** Packs a stored matrix [outputs, inputs]; dimensions behind the first count as inputs. */
    static PackedMatrix pack(StoredTensor matrix, WorkerPool pool) {
        int[] shape = matrix.shape();
        if (shape.length < 2) {
            throw new IllegalArgumentException(
                    "tensor %s has %d dimensions, a matrix has at least 2".formatted(matrix.name(), shape.length));
        }
        int outputs = shape[0];
        int inputs = Math.toIntExact(matrix.elements() / outputs);
        DType kept = matrix.dtype() == DType.BF16 ? DType.BF16 : DType.F32;
        PackedMatrix packed = new PackedMatrix(outputs, inputs, kept);
        try (WorkerPool.Turn turn = pool.turn()) {
            WorkerPool.Task fill = (panel, scratch) -> packed.fill(matrix, panel, scratch);
            if (turn.workersCanRead(matrix.data())) {
                turn.run(packed.panels(), fill);
            } else {
                turn.runAlone(packed.panels(), fill);
            }
        }
        return packed;
    }

    static PackedMatrix of(Weight weight) {
        if (weight instanceof PackedMatrix own) {
            return own;
        }
        if (weight instanceof ScreenedMatrix screened) {
            return screened.exact();
        }
        throw new IllegalArgumentException("the weight was made by another backend: "
                + (weight == null ? "null" : weight.getClass().getName()));
    }

    private void fill(StoredTensor matrix, int panel, Scratch scratch) {
        int first = panel * PANEL;
        int count = Math.min(PANEL, outputs - first);
        for (int output = 0; output < count; output++) {
            if (dtype == DType.BF16) {
                fillShorts(matrix.data(), panel, first + output);
            } else {
                fillFloats(matrix, panel, first + output, scratch);
            }
        }
    }

    private void fillShorts(MemorySegment data, int panel, int output) {
        long source = (long) output * inputs * Short.BYTES;
        long target = offset(panel, 0) + (long) (output % PANEL) * Short.BYTES;
        for (int i = 0; i < inputs; i++) {
            memory.set(
                    SHORT, target + (long) i * PANEL * Short.BYTES, data.get(SHORT, source + (long) i * Short.BYTES));
        }
    }

    private void fillFloats(StoredTensor matrix, int panel, int output, Scratch scratch) {
        float[] row = scratch.floats(Scratch.Slot.PRODUCT, inputs);
        matrix.copyTo((long) output * inputs, row, 0, inputs);
        long target = offset(panel, 0) + (long) (output % PANEL) * Float.BYTES;
        for (int i = 0; i < inputs; i++) {
            memory.set(CpuKv.FLOAT, target + (long) i * PANEL * Float.BYTES, row[i]);
        }
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    int panels() {
        return Math.ceilDiv(outputs, PANEL);
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where in the memory the values of an input in a panel start, in bytes. */
    long offset(int panel, int input) {
        return panel * panelBytes() + (long) input * PANEL * dtype.byteSize();
    }

    private long panelBytes() {
        return (long) inputs * PANEL * dtype.byteSize();
    }

    /**
     * Copies the weights of one output, times a factor.
     *
     * @param dst filled from {@code offset} on, one value an input
     */
    void readOutput(int output, float factor, float[] dst, int offset) {
        long at = offset(output / PANEL, 0) + (long) (output % PANEL) * dtype.byteSize();
        long step = (long) PANEL * dtype.byteSize();
        for (int i = 0; i < inputs; i++, at += step) {
            float value = dtype == DType.BF16
                    ? Float.intBitsToFloat(memory.get(SHORT, at) << Short.SIZE)
                    : memory.get(CpuKv.FLOAT, at);
            dst[offset + i] = value * factor;
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
