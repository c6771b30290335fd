package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import io.tandem.engine.cpu.Scratch.Slot;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Products of activations with packed weights.
 *
 * <p>Up to 8 rows, reading the weights takes the time, so they are read once and widened in registers. With more rows, a panel is
 * widened once for a chunk of rows, in blocks of inputs that fit the second-level cache; sums pass from block to block
 * through memory, which leaves each a single chain over the inputs.
 */
final class MatrixProduct {

    /** Rows up to which weights are used as they are read. */
    private static final int FEW_ROWS = 8;

    /** Most inputs of a block: a panel of it is 320 KB of fp32. Deep, because each sum is loaded and stored once a block. */
    private static final int MOST_INPUTS = 1280;

    /** Rows that all columns of a panel are multiplied with before the next: with a block of inputs they take 320 KB. */
    private static final int GROUP = 64;

    /** Columns that are multiplied together. */
    private static final int SLICE = 2 * COUNT;

    /** What sums of many rows start from. */
    private static final float[] NOTHING = new float[SLICE];

    /** Chunks are cut in whole multiples of what the kernels take at once. */
    private static final int ROWS = 8;

    private static final int MIN_CHUNK = 32;
    private static final int MAX_CHUNK = 512;

    /** Tasks a thread should find, so that no thread waits long for the last one. */
    private static final int TASKS_PER_THREAD = 4;

    private final WorkerPool pool;

    MatrixProduct(WorkerPool pool) {
        this.pool = pool;
    }

    WorkerPool pool() {
        return pool;
    }

    /** {@code dst = sink(x W^T)}: x [rows, inputs], dst [rows, outputs]. */
    void multiply(CpuTensor x, PanelMatrix weight, PanelSink sink, CpuTensor dst) {
        run(x, weight, (panel, rows, scratch) -> {
            int offset = dstOffset(dst, rows, panel);
            if (rows.many() && sink instanceof PanelSink.Plain && wholePanel(dst, panel)) {
                addMany(weight, panel, rows, scratch, new Sums(dst.data(), offset, dst.columns()));
                return;
            }
            float[] sums = sums(weight, panel, rows, scratch, Slot.PRODUCT);
            sink.store(sums, dst, offset, rows.count, panel);
        });
    }

    /** {@code dst = gelu_tanh(x gate^T) * (x up^T)}: x [rows, inputs], dst [rows, outputs]. */
    void geglu(CpuTensor x, PanelMatrix gate, PanelMatrix up, CpuTensor dst) {
        PanelSink plain = new PanelSink.Plain();
        run(x, gate, (panel, rows, scratch) -> {
            float[] gates = sums(gate, panel, rows, scratch, Slot.PRODUCT);
            float[] ups = sums(up, panel, rows, scratch, Slot.SECOND_PRODUCT);
            int offset = dstOffset(dst, rows, panel);
            if (wholePanel(dst, panel)) {
                combine(gates, ups, rows.count, new Sums(dst.data(), offset, dst.columns()));
            } else {
                combine(gates, ups, rows.count, new Sums(gates, 0, PackedMatrix.PANEL));
                plain.store(gates, dst, offset, rows.count, panel);
            }
        });
    }

    private static int dstOffset(CpuTensor dst, Rows rows, int panel) {
        return rows.first * dst.columns() + panel * PackedMatrix.PANEL;
    }

    private static boolean wholePanel(CpuTensor dst, int panel) {
        return (panel + 1) * PackedMatrix.PANEL <= dst.columns();
    }

    private static void combine(float[] gates, float[] ups, int rows, Sums dst) {
        for (int row = 0; row < rows; row++) {
            int from = row * PackedMatrix.PANEL;
            int to = dst.offset + row * dst.stride;
            for (int i = 0; i < PackedMatrix.PANEL; i += COUNT) {
                FloatVector gelu = VectorMath.gelu(FloatVector.fromArray(FLOATS, gates, from + i));
                gelu.mul(FloatVector.fromArray(FLOATS, ups, from + i)).intoArray(dst.values, to + i);
            }
        }
    }

    /** What a task does with one panel and some rows. */
    private interface PanelTask {
        void run(int panel, Rows rows, Scratch scratch);
    }

    /**
     * Rows of one task.
     *
     * @param values theirs: as they lie in the tensor or, when there are few, as one packed tile
     * @param inputs values a row
     * @param step rows of the packed tile; 0 if they are not packed
     * @param first first of them in the tensor
     * @param count how many
     */
    private record Rows(float[] values, int inputs, int step, int first, int count) {

        boolean many() {
            return step == 0;
        }
    }

    /**
     * Where sums of a panel are made: row r has its 64 from {@code offset + r * stride} on.
     *
     * @param values of the worker, or of the result itself
     */
    private record Sums(float[] values, int offset, int stride) {}

    private void run(CpuTensor x, PanelMatrix weight, PanelTask task) {
        try (WorkerPool.Turn turn = pool.turn()) {
            if (x.rows() <= FEW_ROWS) {
                runFew(turn, x, weight, task);
            } else {
                runMany(turn, x, weight, task);
            }
        }
    }

    private static void runFew(WorkerPool.Turn turn, CpuTensor x, PanelMatrix weight, PanelTask task) {
        int inputs = x.columns();
        int step = weight.fewRowsStep(x.rows());
        float[] packed = x.data();
        if (step > 1) {
            packed = turn.workspace().packed((long) step * inputs);
            new PackedRows(x.data(), 0, inputs, x.rows(), inputs).packTile(packed, 0, step);
        }
        Rows rows = new Rows(packed, inputs, step, 0, x.rows());
        turn.run(x.rows() == 0 ? 0 : weight.panels(), (panel, scratch) -> task.run(panel, rows, scratch));
    }

    private static void runMany(WorkerPool.Turn turn, CpuTensor x, PanelMatrix weight, PanelTask task) {
        int panels = weight.panels();
        int chunk = chunkRows(x.rows(), panels, turn.threads());
        int chunks = Math.ceilDiv(x.rows(), chunk);
        turn.run(chunks * panels, (index, scratch) -> {
            int row = index / panels * chunk;
            int count = Math.min(chunk, x.rows() - row);
            task.run(index % panels, new Rows(x.data(), x.columns(), 0, row, count), scratch);
        });
    }

    private static int chunkRows(int rows, int panels, int threads) {
        int chunks = Math.ceilDiv(TASKS_PER_THREAD * threads, panels);
        int chunk = Lanes.roundUp(Math.ceilDiv(rows, chunks), ROWS);
        return Math.clamp(chunk, MIN_CHUNK, MAX_CHUNK);
    }

    /** Sums [rows, 64] of one panel, in the worker's buffer {@code slot}. */
    private static float[] sums(PanelMatrix weight, int panel, Rows rows, Scratch scratch, Slot slot) {
        int size = Math.max(rows.count, rows.step) * PackedMatrix.PANEL;
        float[] values = scratch.floats(slot, size);
        Sums sums = new Sums(values, 0, PackedMatrix.PANEL);
        if (rows.many()) {
            addMany(weight, panel, rows, scratch, sums);
        } else {
            Arrays.fill(values, 0, size, 0.0f);
            addFew(weight, panel, rows, scratch, sums);
        }
        return values;
    }

    private static void addFew(PanelMatrix weight, int panel, Rows rows, Scratch scratch, Sums sums) {
        Tile tile = scratch.tile;
        tile.result(sums.values, sums.offset, sums.stride);
        boolean fetch = !weight.streams(rows.count);
        int block =
                rows.count == 1 && !fetch ? weight.inputs() : Fetch.BYTES / (PackedMatrix.PANEL * weight.valueBytes());
        for (int k = 0; k < weight.inputs(); k += block) {
            int depth = Math.min(block, weight.inputs() - k);
            if (fetch) {
                long from = weight.offset(panel, k);
                Fetch.read(weight.memory(), from, weight.offset(panel, k + depth) - from, scratch);
            }
            tile.left(rows.values, k * rows.step, rows.step);
            tile.right(weight.memory(), weight.offset(panel, k), PackedMatrix.PANEL);
            tile.depth = depth;
            weight.multiplyPanel(tile, rows.count);
        }
        finish(weight, panel, rows, sums);
    }

    private static void addMany(PanelMatrix weight, int panel, Rows rows, Scratch scratch, Sums sums) {
        Tile tile = scratch.tile;
        int block = Math.ceilDiv(weight.inputs(), Math.ceilDiv(weight.inputs(), MOST_INPUTS));
        MemorySegment slices = scratch.panel.floats((long) block * PackedMatrix.PANEL);
        for (int k = 0; k < weight.inputs(); k += block) {
            tile.depth = Math.min(block, weight.inputs() - k);
            long from = weight.offset(panel, k);
            Fetch.read(weight.memory(), from, weight.offset(panel, k + tile.depth) - from, scratch);
            for (int row = 0; row < rows.count; row += GROUP) {
                tile.rows = Math.min(GROUP, rows.count - row);
                for (int column = 0; column < PackedMatrix.PANEL; column += SLICE) {
                    tile.left(rows.values, (rows.first + row) * rows.inputs + k, rows.inputs);
                    tile.right(slices, (long) column * tile.depth * Float.BYTES, SLICE);
                    tile.result(sums.values, sums.offset + row * sums.stride + column, sums.stride);
                    if (k == 0) {
                        tile.start(NOTHING, 0, 0);
                    } else {
                        tile.goOn();
                    }
                    if (row == 0) {
                        weight.widenAndMultiply(tile, panel, k, column);
                    } else {
                        RowKernels.multiply(tile);
                    }
                }
            }
        }
        finish(weight, panel, rows, sums);
    }

    private static void finish(PanelMatrix weight, int panel, Rows rows, Sums sums) {
        weight.finish(sums.values, sums.offset, sums.stride, rows.count, panel);
    }
}
