package io.tandem.engine.cpu;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A weight in panels of 64 outputs, in native memory: panel p holds, for each input in order, the values of outputs 64 p to
 * 64 p + 63, those beyond the last output being 0. bf16 stays bf16; fp16 is widened to fp32 when it is packed.
 */
final class PackedMatrix implements PanelMatrix {

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
        Checks.matrix(matrix);
        int outputs = matrix.shape()[0];
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
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long offset(int panel, int input) {
        return panel * panelBytes() + (long) input * PANEL * dtype.byteSize();
    }

    private long panelBytes() {
        return (long) inputs * PANEL * dtype.byteSize();
    }

    @Override
    public int valueBytes() {
        return dtype.byteSize();
    }

    @Override
    public int fewRowsStep(int rows) {
        if (rows <= 1) {
            return 1;
        }
        int step = Integer.highestOneBit(rows - 1) * 2;
        return dtype == DType.BF16 ? step : Math.max(step, 4);
    }

    @Override
    public boolean streams(int rows) {
        return rows == 1 || dtype == DType.BF16 && Bfloat16Kernels.streams(rows);
    }

    @Override
    public void multiplyPanel(Tile tile, int rows) {
        if (dtype == DType.BF16) {
            Bfloat16Kernels.multiplyPanel(tile, rows);
        } else {
            FloatKernels.multiplyPanel(tile, rows);
        }
    }

    @Override
    public void widenAndMultiply(Tile tile, int panel, int input, int column) {
        long from = offset(panel, input) + (long) column * dtype.byteSize();
        if (dtype == DType.BF16) {
            RowKernels.widenAndMultiply(tile, memory, from);
        } else {
            FloatKernels.copySlice(memory, from, tile);
            RowKernels.multiply(tile);
        }
    }

    /** The values are kept as they are, so the sums are the products. */
    @Override
    public void finish(float[] sums, int offset, int stride, int rows, int panel) {}

    @Override
    public void readOutput(int output, float factor, float[] dst, int offset) {
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
