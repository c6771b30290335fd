package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.checkpoint.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * A matrix [outputs, inputs] in 8 bits: output r is about {@code scale[r]} times whole numbers from -127 to 127, in panels as
 * {@link PackedMatrix} has them. Immutable once it is filled; closed by its owner.
 */
final class QuantisedMatrix implements PanelMatrix {

    private static final int LARGEST = 127;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int outputs;
    private final int inputs;
    private final float[] scales;

    /** A matrix of zeros, to be filled output by output. */
    private QuantisedMatrix(int outputs, int inputs) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.memory = HugePages.allocate(arena, panels() * panelBytes() + Int8Kernels.SLACK);
        this.scales = new float[panels() * PackedMatrix.PANEL];
    }

    /** Quantises every output of a stored matrix [outputs, inputs]; dimensions behind the first count as inputs. */
    static QuantisedMatrix of(StoredTensor matrix, WorkerPool pool) {
        return of(matrix, pool, (quantised, output, values) -> {});
    }

    /**
     * Quantises every output of a stored matrix.
     *
     * @param observer sees each output when it is done, on the thread that did it
     */
    static QuantisedMatrix of(StoredTensor matrix, WorkerPool pool, Observer observer) {
        Checks.matrix(matrix);
        int outputs = matrix.shape()[0];
        int inputs = Math.toIntExact(matrix.elements() / outputs);
        QuantisedMatrix quantised = new QuantisedMatrix(outputs, inputs);
        WorkerPool.Task fill = (panel, scratch) -> {
            float[] values = scratch.floats(Scratch.Slot.PRODUCT, inputs);
            int end = Math.min(outputs, (panel + 1) * PackedMatrix.PANEL);
            for (int output = panel * PackedMatrix.PANEL; output < end; output++) {
                matrix.copyTo((long) output * inputs, values, 0, inputs);
                quantised.fill(output, values);
                observer.filled(quantised, output, values);
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

    /** Looks at what quantising changed. */
    @FunctionalInterface
    interface Observer {

        /**
         * Called once for each output, on any worker.
         *
         * @param values [inputs] as they were stored, in a buffer that the worker uses again
         */
        void filled(QuantisedMatrix matrix, int output, float[] values);
    }

    private void fill(int output, float[] values) {
        float largest = 0;
        for (int i = 0; i < inputs; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = largest / LARGEST;
        scales[output] = scale;
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
        return rows == 1;
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
                        .mul(FloatVector.fromArray(FLOATS, scales, panel * PackedMatrix.PANEL + i))
                        .intoArray(sums, at);
            }
        }
    }

    @Override
    public void readOutput(int output, float factor, float[] dst, int offset) {
        for (int i = 0; i < inputs; i++) {
            dst[offset + i] = scales[output] * value(output, i) * factor;
        }
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    /** One factor an output, 0 for those that the last panel has too many; not to be written to. */
    float[] scales() {
        return scales;
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
        return (long) inputs * PackedMatrix.PANEL;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
