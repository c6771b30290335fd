package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.checkpoint.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * A matrix [outputs, inputs] in 8 bits: output r is about {@code scale[r]} times whole numbers from -127 to 127, in panels as
 * {@link PackedMatrix} has them. Behind the values of each panel stand the 64 scales and, for a screen, the 64 bounds of errors:
 * what is needed at the end of a panel comes with it, in one stream. Immutable once it is filled; closed by its owner.
 */
final class QuantisedMatrix implements PanelMatrix {

    private static final int LARGEST = 127;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int outputs;
    private final int inputs;
    private final int floats;

    /**
     * A matrix of zeros, to be filled output by output.
     *
     * @param floats kept for each output behind a panel: its scale, or that and the bound of its error
     */
    private QuantisedMatrix(int outputs, int inputs, int floats) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.floats = floats;
        this.memory = HugePages.allocate(arena, panels() * panelBytes() + Int8Kernels.SLACK);
    }

    /** Quantises every output of a stored matrix [outputs, inputs]; dimensions behind the first count as inputs. */
    static QuantisedMatrix of(StoredTensor matrix, WorkerPool pool) {
        return of(matrix, pool, Optional.empty());
    }

    /**
     * Quantises every output of a stored matrix, and keeps a bound of its error: negative infinity for those that the last panel
     * has too many.
     */
    static QuantisedMatrix of(StoredTensor matrix, WorkerPool pool, ErrorBound bound) {
        return of(matrix, pool, Optional.of(bound));
    }

    private static QuantisedMatrix of(StoredTensor matrix, WorkerPool pool, Optional<ErrorBound> bound) {
        Checks.matrix(matrix);
        int outputs = matrix.shape()[0];
        int inputs = Math.toIntExact(matrix.elements() / outputs);
        QuantisedMatrix quantised = new QuantisedMatrix(outputs, inputs, bound.isPresent() ? 2 : 1);
        WorkerPool.Task fill = (panel, scratch) -> {
            float[] values = scratch.floats(Scratch.Slot.PRODUCT, inputs);
            int first = panel * PackedMatrix.PANEL;
            int end = Math.min(outputs, first + PackedMatrix.PANEL);
            for (int output = first; output < end; output++) {
                matrix.copyTo((long) output * inputs, values, 0, inputs);
                quantised.fill(output, values);
                if (bound.isPresent()) {
                    quantised.keepError(output, bound.get().of(quantised, output, values));
                }
            }
            for (int lacking = end; bound.isPresent() && lacking < first + PackedMatrix.PANEL; lacking++) {
                quantised.keepError(lacking, Float.NEGATIVE_INFINITY);
            }
        };
        try (WorkerPool.Turn turn = pool.turn()) {
            if (turn.workersCanRead(matrix.data())) {
                turn.run(quantised.panels(), fill);
            } else {
                turn.runAlone(quantised.panels(), fill);
            }
        }
        return quantised;
    }

    private void keepError(int output, float error) {
        memory.set(CpuKv.FLOAT, errorOffset(output), error);
    }

    /** Bounds what quantising changed. */
    @FunctionalInterface
    interface ErrorBound {

        /**
         * Called once for each output, on any worker.
         *
         * @param values [inputs] as they were stored, in a buffer that the worker uses again
         */
        float of(QuantisedMatrix matrix, int output, float[] values);
    }

    private void fill(int output, float[] values) {
        float largest = 0;
        for (int i = 0; i < inputs; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = largest / LARGEST;
        memory.set(CpuKv.FLOAT, scaleOffset(output), scale);
        if (scale == 0) {
            return;
        }
        double inverse = 1.0 / scale;
        long at = offset(output / PackedMatrix.PANEL, 0) + output % PackedMatrix.PANEL;
        for (int i = 0; i < inputs; i++, at += PackedMatrix.PANEL) {
            // Scales that are subnormal numbers are inexact and may lead beyond what a byte holds.
            long whole = Math.clamp((long) Math.rint(values[i] * inverse), -LARGEST, LARGEST);
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) whole);
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
    public int valueBytes() {
        return Byte.BYTES;
    }

    @Override
    public int fewRowsStep(int rows) {
        return rows <= 1 ? 1 : 2 * Integer.highestOneBit(rows - 1);
    }

    @Override
    public boolean streams(int rows) {
        return Int8Kernels.streams(rows);
    }

    @Override
    public void multiplyPanel(Tile tile, int rows) {
        Int8Kernels.multiplyPanel(tile, rows);
    }

    @Override
    public void widenAndMultiply(Tile tile, int panel, int input, int column) {
        Int8Kernels.widenSlice(memory, offset(panel, input) + column, tile);
        RowKernels.multiply(tile);
    }

    @Override
    public void finish(float[] sums, int offset, int stride, int rows, int panel) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < PackedMatrix.PANEL; i += COUNT) {
                int at = offset + row * stride + i;
                FloatVector.fromArray(FLOATS, sums, at)
                        .mul(scales(panel * PackedMatrix.PANEL + i))
                        .intoArray(sums, at);
            }
        }
    }

    @Override
    public void readOutput(int output, float factor, float[] dst, int offset) {
        float scale = scale(output);
        for (int i = 0; i < inputs; i++) {
            dst[offset + i] = scale * value(output, i) * factor;
        }
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    /** What the whole numbers of an output are to be multiplied by. */
    float scale(int output) {
        return memory.get(CpuKv.FLOAT, scaleOffset(output));
    }

    /** The scales of a vector of outputs; 0 for those that the last panel has too many. */
    FloatVector scales(int firstOutput) {
        return FloatVector.fromMemorySegment(FLOATS, memory, scaleOffset(firstOutput), ByteOrder.LITTLE_ENDIAN);
    }

    /** What is kept as the bound of an output's error, in a matrix that was made with bounds. */
    float error(int output) {
        return memory.get(CpuKv.FLOAT, errorOffset(output));
    }

    /** The bounds of a vector of outputs. */
    FloatVector errors(int firstOutput) {
        return FloatVector.fromMemorySegment(FLOATS, memory, errorOffset(firstOutput), ByteOrder.LITTLE_ENDIAN);
    }

    private long scaleOffset(int output) {
        return offset(output / PackedMatrix.PANEL, inputs) + (long) output % PackedMatrix.PANEL * Float.BYTES;
    }

    private long errorOffset(int output) {
        return scaleOffset(output) + (long) PackedMatrix.PANEL * Float.BYTES;
    }

    /** The whole number that stands for a value. */
    byte value(int output, int input) {
        return memory.get(
                ValueLayout.JAVA_BYTE, offset(output / PackedMatrix.PANEL, input) + output % PackedMatrix.PANEL);
    }

    @Override
    public long offset(int panel, int input) {
        return panel * panelBytes() + (long) input * PackedMatrix.PANEL;
    }

    private long panelBytes() {
        return ((long) inputs + (long) floats * Float.BYTES) * PackedMatrix.PANEL;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
