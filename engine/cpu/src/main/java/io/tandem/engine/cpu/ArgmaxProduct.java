package io.tandem.engine.cpu;

import io.tandem.engine.ops.Weight;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds the largest of a row's products. With a screen it computes only those products that can be it, by the same chain of fused
 * multiply-adds as {@link MatrixProduct}: whatever is left out has an upper bound below a product that was computed.
 *
 * <p>Its buffers belong to the holder of the pool's turn.
 */
final class ArgmaxProduct {

    /** One output in so many may be left over by the screen; with more, computing all of them takes less time. */
    private static final int SCREENED_PER_LEFT = 512;

    private static final int LEAST_LEFT = 16;

    private final WorkerPool pool;
    private final MatrixProduct products;
    private final Screening screening;
    private final AtomicLong screenedRows = new AtomicLong();
    private final AtomicLong leftOutputs = new AtomicLong();
    private final AtomicLong rowsInVain = new AtomicLong();
    private CpuTensor all; // [rows, outputs]
    private float[] lengths = new float[0]; // [rows]
    private float[] panelLargest = new float[0]; // [rows, panels]
    private int[] left = new int[LEAST_LEFT];
    private float[] leftProducts = new float[LEAST_LEFT];

    ArgmaxProduct(WorkerPool pool, MatrixProduct products, Screening screening) {
        this.pool = pool;
        this.products = products;
        this.screening = screening;
    }

    /** {@code dst[row]} = index of the largest value of row {@code row} of {@code x W^T}, the lowest among equals. */
    void run(CpuTensor x, Weight weight, int[] dst) {
        PanelMatrix exact = PanelMatrix.of(weight);
        try (WorkerPool.Turn turn = pool.turn()) {
            boolean found = weight instanceof ScreenedMatrix screened
                    && x.rows() > 0
                    && x.rows() <= screening.mostRows()
                    && measure(x)
                    && screened.worthTrying()
                    && screen(turn, x, screened, dst);
            if (!found) {
                computeAll(turn, x, exact, dst);
            }
        }
    }

    private void computeAll(WorkerPool.Turn turn, CpuTensor x, PanelMatrix weight, int[] dst) {
        if (all == null || all.columns() != weight.outputs()) {
            all = new CpuTensor(0, weight.outputs());
        }
        all.resize(x.rows());
        products.multiply(x, weight, new PanelSink.Plain(), all);
        turn.run(
                x.rows(),
                (row, scratch) -> dst[row] = Elementwise.argmax(all.data(), row * all.columns(), all.columns()));
    }

    /** Takes the lengths of the rows; false if one of them can't be screened. */
    private boolean measure(CpuTensor x) {
        if (lengths.length != x.rows()) {
            lengths = new float[x.rows()];
        }
        boolean all = true;
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = ArgmaxScreen.length(x.data(), row * x.columns(), x.columns());
            all &= !Float.isNaN(lengths[row]);
        }
        return all;
    }

    private boolean screen(WorkerPool.Turn turn, CpuTensor x, ScreenedMatrix weight, int[] dst) {
        ArgmaxScreen screen = weight.screen();
        int rows = x.rows();
        ArgmaxScreen.Rows packed = pack(turn, x);
        if (panelLargest.length < rows * screen.panels()) {
            panelLargest = new float[rows * screen.panels()];
        }
        turn.run(screen.panels(), (panel, scratch) -> screen.bound(packed, panel, scratch, panelLargest));
        for (int row = 0; row < rows; row++) {
            int best = choose(turn, new Row(x, row, lengths[row]), weight);
            if (best < 0) {
                rowsInVain.incrementAndGet();
                weight.tried(true);
                return false;
            }
            dst[row] = best;
        }
        weight.tried(false);
        screenedRows.addAndGet(rows);
        return true;
    }

    private ArgmaxScreen.Rows pack(WorkerPool.Turn turn, CpuTensor x) {
        int rows = x.rows();
        int step = rows == 1 ? 1 : 2 * Integer.highestOneBit(rows - 1);
        float[] packed = x.data();
        if (step > 1) {
            packed = turn.workspace().packed((long) step * x.columns());
            new PackedRows(x.data(), 0, x.columns(), rows, x.columns()).packTile(packed, 0, step);
        }
        return new ArgmaxScreen.Rows(packed, 0, step, lengths);
    }

    private record Row(CpuTensor x, int index, float length) {

        ArgmaxScreen.Rows alone() {
            return new ArgmaxScreen.Rows(x.data(), index * x.columns(), 1, length);
        }

        /** The product with one output, bit by bit as {@link MatrixProduct} makes it. */
        float product(PackedMatrix weight, int output, Scratch scratch) {
            int inputs = weight.inputs();
            float[] weights = scratch.floats(Scratch.Slot.WEIGHTS, inputs);
            weight.readOutput(output, 1.0f, weights, 0);
            float[] values = x.data();
            int from = index * inputs;
            float sum = 0;
            for (int i = 0; i < inputs; i++) {
                sum = Math.fma(values[from + i], weights[i], sum);
            }
            return sum;
        }
    }

    /** The output with the largest product, or -1 when too many can have it. */
    private int choose(WorkerPool.Turn turn, Row row, ScreenedMatrix weight) {
        ArgmaxScreen screen = weight.screen();
        int panel = Elementwise.argmax(panelLargest, row.index * screen.panels(), screen.panels());
        float[] uppers = screen.uppers(row.alone(), panel, turn.scratch());
        int likely = panel * PackedMatrix.PANEL + Elementwise.argmax(uppers, 0, PackedMatrix.PANEL);
        int count = collect(row, screen, row.product(weight.exact(), likely, turn.scratch()), turn.scratch());
        if (count < 0) {
            return -1;
        }
        leftOutputs.addAndGet(count);
        if (count == 1) {
            return left[0];
        }
        turn.run(count, (i, scratch) -> leftProducts[i] = row.product(weight.exact(), left[i], scratch));
        // They are in ascending order, so the first of equals is the lowest.
        return left[Elementwise.argmax(leftProducts, 0, count)];
    }

    /** Collects the outputs whose bounds reach {@code least}, in ascending order; gives their number, or -1 for too many. */
    private int collect(Row row, ArgmaxScreen screen, float least, Scratch scratch) {
        int most = Math.max(LEAST_LEFT, screen.outputs() / SCREENED_PER_LEFT);
        int count = 0;
        for (int panel = 0; panel < screen.panels(); panel++) {
            if (panelLargest[row.index * screen.panels() + panel] < least) {
                continue;
            }
            float[] uppers = screen.uppers(row.alone(), panel, scratch);
            for (int i = 0; i < PackedMatrix.PANEL; i++) {
                if (uppers[i] >= least) {
                    if (count == most) {
                        return -1;
                    }
                    makeRoom(count);
                    left[count++] = panel * PackedMatrix.PANEL + i;
                }
            }
        }
        return count;
    }

    private void makeRoom(int count) {
        if (count == left.length) {
            left = Arrays.copyOf(left, 2 * count);
            leftProducts = new float[2 * count];
        }
    }

    Map<String, Long> counters() {
        return Map.of(
                "argmax_screened_rows", screenedRows.get(),
                "argmax_computed_outputs", leftOutputs.get(),
                "argmax_rows_in_vain", rowsInVain.get());
    }
}
