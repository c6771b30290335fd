package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.ops.Epilogue;
import jdk.incubator.vector.FloatVector;

/** Takes the finished sums of some rows and one panel of outputs, and stores what the operation makes of them. */
sealed interface PanelSink {

    /**
     * Stores a panel.
     *
     * @param sums [rows, 64], in the worker's scratch memory and free to be changed
     * @param dst [rows, outputs]
     * @param offset where in {@code dst} the first row's value of the panel's first output goes
     * @param rows rows to store
     * @param panel which outputs: from 64 * panel on
     */
    void store(float[] sums, CpuTensor dst, int offset, int rows, int panel);

    static PanelSink of(Epilogue epilogue) {
        return switch (epilogue) {
            case Epilogue.None none -> new Plain();
            case Epilogue.Bias bias -> new Biased(CpuTensor.of(bias.bias()).data(), false, false);
            case Epilogue.BiasGelu bias -> new Biased(CpuTensor.of(bias.bias()).data(), true, false);
            case Epilogue.BiasAdd bias -> new Biased(CpuTensor.of(bias.bias()).data(), false, true);
        };
    }

    private static void copy(float[] sums, CpuTensor dst, int offset, int rows, int panel) {
        int count = Math.min(PackedMatrix.PANEL, dst.columns() - panel * PackedMatrix.PANEL);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(sums, row * PackedMatrix.PANEL, dst.data(), offset + row * dst.columns(), count);
        }
    }

    /** Stores the sums as they are. */
    record Plain() implements PanelSink {

        @Override
        public void store(float[] sums, CpuTensor dst, int offset, int rows, int panel) {
            copy(sums, dst, offset, rows, panel);
        }
    }

    /**
     * Adds a bias first.
     *
     * @param bias [1, outputs] with slack behind it
     * @param gelu whether gelu_tanh follows
     * @param add whether the result is added to what is there
     */
    record Biased(float[] bias, boolean gelu, boolean add) implements PanelSink {

        @Override
        public void store(float[] sums, CpuTensor dst, int offset, int rows, int panel) {
            for (int row = 0; row < rows; row++) {
                addBias(sums, row * PackedMatrix.PANEL, panel * PackedMatrix.PANEL);
                if (gelu) {
                    gelu(sums, row * PackedMatrix.PANEL);
                }
            }
            if (add) {
                addTo(sums, dst, offset, rows, panel);
            } else {
                copy(sums, dst, offset, rows, panel);
            }
        }

        private void addBias(float[] sums, int at, int output) {
            for (int i = 0; i < PackedMatrix.PANEL; i += COUNT) {
                FloatVector.fromArray(FLOATS, sums, at + i)
                        .add(FloatVector.fromArray(FLOATS, bias, output + i))
                        .intoArray(sums, at + i);
            }
        }

        private static void gelu(float[] sums, int at) {
            for (int i = at; i < at + PackedMatrix.PANEL; i += COUNT) {
                VectorMath.gelu(FloatVector.fromArray(FLOATS, sums, i)).intoArray(sums, i);
            }
        }

        private static void addTo(float[] sums, CpuTensor dst, int offset, int rows, int panel) {
            int count = Math.min(PackedMatrix.PANEL, dst.columns() - panel * PackedMatrix.PANEL);
            float[] values = dst.data();
            for (int row = 0; row < rows; row++) {
                int at = offset + row * dst.columns();
                for (int i = 0; i < count; i++) {
                    values[at + i] += sums[row * PackedMatrix.PANEL + i];
                }
            }
        }
    }
}
