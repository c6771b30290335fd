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

    /** Inputs of a block: a panel of it is 256 KB of fp32. Deep, because each sum is loaded and stored once a block. */
    private static final int BLOCK = 1024;

    /** Rows that all columns of a panel are multiplied with before the next: with a block of inputs they take 256 KB. */
    private static final int GROUP = 64;

    /** Rows packed at a time, which bounds the workspace. */
    private static final int SUPER_CHUNK = 1024;

    /** Panels that a thread takes in one go when reading them is the work: the processor goes on fetching from one to the next. */
    private static final int MAX_RUN = 8;

    private static final int RUNS_PER_THREAD = 8;

    private static final int MIN_CHUNK = 32;
    private static final int MAX_CHUNK = 512;

    /** Tasks a thread should find, so that no thread waits long for the last one. */
    private static final int TASKS_PER_THREAD = 4;

    private final WorkerPool pool;

    MatrixProduct(WorkerPool pool) {
        this.pool = pool;
    }

    /** {@code dst = sink(x W^T)}: x [rows, inputs], dst [rows, outputs]. */
    void multiply(CpuTensor x, PanelMatrix weight, PanelSink sink, CpuTensor dst) {
        run(x, weight, (panel, rows, scratch) -> {
            float[] sums = sums(weight, panel, rows, scratch, Slot.PRODUCT);
            sink.store(sums, dst, dstOffset(dst, rows, panel), rows.count, panel);
        });
    }

    /** {@code dst = gelu_tanh(x gate^T) * (x up^T)}: x [rows, inputs], dst [rows, outputs]. */
    void geglu(CpuTensor x, PanelMatrix gate, PanelMatrix up, CpuTensor dst) {
        PanelSink plain = new PanelSink.Plain();
        run(x, gate, (panel, rows, scratch) -> {
            float[] gates = sums(gate, panel, rows, scratch, Slot.PRODUCT);
            float[] ups = sums(up, panel, rows, scratch, Slot.SECOND_PRODUCT);
            combine(gates, ups, rows.count * PackedMatrix.PANEL);
            plain.store(gates, dst, dstOffset(dst, rows, panel), rows.count, panel);
        });
    }

    private static int dstOffset(CpuTensor dst, Rows rows, int panel) {
        return rows.first * dst.columns() + panel * PackedMatrix.PANEL;
    }

    private static void combine(float[] gates, float[] ups, int count) {
        for (int i = 0; i < count; i += COUNT) {
            FloatVector gelu = VectorMath.gelu(FloatVector.fromArray(FLOATS, gates, i));
            gelu.mul(FloatVector.fromArray(FLOATS, ups, i)).intoArray(gates, i);
        }
    }

    /** What a task does with one panel and some rows. */
    private interface PanelTask {
        void run(int panel, Rows rows, Scratch scratch);
    }

    /**
     * Rows of one task.
     *
     * @param packed their values, in tiles of 8 rows or, when there are few, {@code step} rows
     * @param inputs values a row
     * @param offset where in {@code packed} they start
     * @param step rows a tile
     * @param first first of them in the tensor
     * @param count how many
     */
    private record Rows(float[] packed, int inputs, int offset, int step, int first, int count) {}

    private void run(CpuTensor x, PanelMatrix weight, PanelTask task) {
        try (WorkerPool.Turn turn = pool.turn()) {
            if (x.rows() <= FEW_ROWS) {
                runFew(turn, x, weight, task);
                return;
            }
            for (int row = 0; row < x.rows(); row += SUPER_CHUNK) {
                runMany(turn, x, weight, new Range(row, Math.min(SUPER_CHUNK, x.rows() - row)), task);
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
        Rows rows = new Rows(packed, inputs, 0, step, 0, x.rows());
        int panels = weight.panels();
        int run = Math.clamp(panels / (RUNS_PER_THREAD * turn.threads()), 1, MAX_RUN);
        turn.run(x.rows() == 0 ? 0 : Math.ceilDiv(panels, run), (index, scratch) -> {
            int end = Math.min(panels, (index + 1) * run);
            for (int panel = index * run; panel < end; panel++) {
                task.run(panel, rows, scratch);
            }
        });
    }

    private record Range(int first, int count) {}

    private static void runMany(WorkerPool.Turn turn, CpuTensor x, PanelMatrix weight, Range range, PanelTask task) {
        int inputs = x.columns();
        int tiles = Math.ceilDiv(range.count, PackedRows.TILE);
        int tileSize = PackedRows.TILE * inputs;
        float[] packed = turn.workspace().packed((long) tiles * tileSize);
        turn.run(tiles, (tile, scratch) -> {
            int row = tile * PackedRows.TILE;
            int count = Math.min(PackedRows.TILE, range.count - row);
            new PackedRows(x.data(), (range.first + row) * inputs, inputs, count, inputs)
                    .packTile(packed, tile * tileSize, PackedRows.TILE);
        });
        int panels = weight.panels();
        int chunk = chunkRows(range.count, panels, turn.threads());
        int chunks = Math.ceilDiv(range.count, chunk);
        turn.run(chunks * panels, (index, scratch) -> {
            int row = index / panels * chunk;
            int count = Math.min(chunk, range.count - row);
            Rows rows = new Rows(packed, inputs, row * inputs, PackedRows.TILE, range.first + row, count);
            task.run(index % panels, rows, scratch);
        });
    }

    private static int chunkRows(int rows, int panels, int threads) {
        int chunks = Math.ceilDiv(TASKS_PER_THREAD * threads, panels);
        int chunk = Lanes.roundUp(Math.ceilDiv(rows, chunks), PackedRows.TILE);
        return Math.clamp(chunk, MIN_CHUNK, MAX_CHUNK);
    }

    /** Sums [rows, 64] of one panel, in the worker's buffer {@code slot}. */
    private static float[] sums(PanelMatrix weight, int panel, Rows rows, Scratch scratch, Slot slot) {
        int size = Lanes.roundUp(rows.count, PackedRows.TILE) * PackedMatrix.PANEL;
        float[] sums = scratch.floats(slot, size);
        Arrays.fill(sums, 0, size, 0.0f);
        if (rows.count > FEW_ROWS) {
            addMany(weight, panel, rows, scratch, sums);
        } else {
            addFew(weight, panel, rows, scratch, sums);
        }
        weight.finish(sums, rows.count, panel);
        return sums;
    }

    private static void addFew(PanelMatrix weight, int panel, Rows rows, Scratch scratch, float[] sums) {
        Tile tile = scratch.tile;
        tile.result(sums, 0, PackedMatrix.PANEL);
        boolean fetch = !weight.streams(rows.count);
        int block =
                rows.count == 1 && !fetch ? weight.inputs() : Fetch.BYTES / (PackedMatrix.PANEL * weight.valueBytes());
        for (int k = 0; k < weight.inputs(); k += block) {
            int depth = Math.min(block, weight.inputs() - k);
            if (fetch) {
                long from = weight.offset(panel, k);
                Fetch.read(weight.memory(), from, weight.offset(panel, k + depth) - from, scratch);
            }
            tile.left(rows.packed, rows.offset + k * rows.step, rows.step);
            tile.right(weight.memory(), weight.offset(panel, k), PackedMatrix.PANEL);
            tile.depth = depth;
            weight.multiplyPanel(tile, rows.count);
        }
    }

    private static void addMany(PanelMatrix weight, int panel, Rows rows, Scratch scratch, float[] sums) {
        MemorySegment slices = scratch.panel.floats((long) BLOCK * PackedMatrix.PANEL);
        for (int k = 0; k < weight.inputs(); k += BLOCK) {
            int depth = Math.min(BLOCK, weight.inputs() - k);
            long from = weight.offset(panel, k);
            Fetch.read(weight.memory(), from, weight.offset(panel, k + depth) - from, scratch);
            weight.widenSlices(panel, k, depth, slices);
            scratch.tile.depth = depth;
            addBlock(scratch.tile, slices, rows, k, sums);
        }
    }

    private static void addBlock(Tile tile, MemorySegment slices, Rows rows, int k, float[] sums) {
        for (int row = 0; row < rows.count; row += GROUP) {
            addGroup(tile, slices, rows, k, new Group(sums, row, Math.min(GROUP, rows.count - row)));
        }
    }

    /** Some rows of a task and the sums of all its rows. */
    private record Group(float[] sums, int first, int count) {}

    /** Whole tiles of 8 rows, then up to 4 rows that are left. */
    private static void addGroup(Tile tile, MemorySegment slices, Rows rows, int k, Group group) {
        int width = 2 * COUNT;
        int tiles = (group.count + PackedRows.TILE / 2 - 1) / PackedRows.TILE;
        int tiled = group.first + tiles * PackedRows.TILE;
        int rest = group.first + group.count - tiled;
        tile.tiles(tiles, PackedRows.TILE * rows.inputs);
        for (int column = 0; column < PackedMatrix.PANEL; column += width) {
            tile.right(slices, (long) column * tile.depth * Float.BYTES, width);
            tile.left(rows.packed, rows.offset + group.first * rows.inputs + k * PackedRows.TILE, PackedRows.TILE);
            tile.result(group.sums, group.first * PackedMatrix.PANEL + column, PackedMatrix.PANEL);
            FloatKernels.multiplyTiles(tile, width);
            if (rest > 0) {
                tile.left(rows.packed, rows.offset + tiled * rows.inputs + k * PackedRows.TILE, PackedRows.TILE);
                tile.result(group.sums, tiled * PackedMatrix.PANEL + column, PackedMatrix.PANEL);
                FloatKernels.multiplyTwoVectors(tile, rest);
            }
        }
    }
}
