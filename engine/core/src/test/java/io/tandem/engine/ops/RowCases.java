package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.ops.OpsCase.Company;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cases of the operations that work on each row by itself. */
final class RowCases {

    private final List<OpsCase> cases = new ArrayList<>();

    private RowCases() {}

    static List<OpsCase> all() {
        RowCases rows = new RowCases();
        rows.norms();
        rows.products();
        rows.largestProducts();
        rows.embeddings();
        rows.heads();
        rows.pixels();
        return rows.cases;
    }

    /** What a case does with some of its rows. */
    @FunctionalInterface
    private interface RowOperation {

        /** Computes rows [first, first + x.rows()) of the case from those rows of the input; dst has room for them. */
        void run(Ops ops, CaseInputs weights, Tensor x, Tensor dst, int first);
    }

    private void add(
            Operation operation, DType dtype, int rows, int columns, int outputs, String note, RowOperation body) {
        String shape = rows + " x " + columns + " -> " + outputs + note;
        cases.add(new OpsCase(operation, shape, dtype, (ops, company) -> {
            float[] values = new CaseInputs(ops, 1).normal(rows * columns, 1.5f);
            float[] before = new CaseInputs(ops, 2).normal(rows * outputs, 1);
            float[] result = new float[rows * outputs];
            int step = company == Company.TOGETHER ? rows : 1;
            for (int first = 0; first < rows; first += step) {
                try (Tensor x = ops.tensor(step, columns);
                        Tensor dst = ops.tensor(step, outputs)) {
                    ops.write(x, 0, values, first * columns, step);
                    ops.write(dst, 0, before, first * outputs, step);
                    body.run(ops, new CaseInputs(ops, 3), x, dst, first);
                    ops.read(dst, 0, result, first * outputs, step);
                }
            }
            return result;
        }));
    }

    private void norms() {
        for (int[] size : new int[][] {{1, 32}, {7, 33}, {3, 640}, {5, 1152}, {2, 24}}) {
            int columns = size[1];
            add(Operation.RMS_NORM, DType.F32, size[0], columns, columns, "", (ops, inputs, x, dst, first) -> {
                RmsNorm norm = new RmsNorm(inputs.vector(columns), 1e-6f);
                ops.rmsNorm(x, norm, dst);
            });
            add(Operation.RMS_NORM, DType.F32, size[0], columns, columns, " in place", (ops, inputs, x, dst, first) -> {
                RmsNorm norm = new RmsNorm(inputs.vector(columns), 1e-6f);
                ops.rmsNorm(x, norm, x);
                ops.copyRows(x, 0, dst, 0, x.rows());
            });
            add(Operation.ADD_RMS_NORM, DType.F32, size[0], columns, columns, "", (ops, inputs, x, dst, first) -> {
                RmsNorm norm = new RmsNorm(inputs.vector(columns), 1e-6f);
                ops.addRmsNorm(dst, x, norm);
            });
            add(Operation.LAYER_NORM, DType.F32, size[0], columns, columns, "", (ops, inputs, x, dst, first) -> {
                LayerNorm norm = new LayerNorm(inputs.vector(columns), inputs.vector(columns), 1e-6f);
                ops.layerNorm(x, norm, dst);
            });
        }
    }

    private void products() {
        int[][] sizes = {{1, 640, 1152}, {2, 64, 64}, {7, 33, 65}, {130, 48, 129}, {5, 24, 1}, {16, 100, 200}};
        for (DType dtype : DType.values()) {
            for (int[] size : sizes) {
                int columns = size[1];
                int outputs = size[2];
                add(Operation.MATMUL, dtype, size[0], columns, outputs, "", (ops, inputs, x, dst, first) -> {
                    try (Weight weight = inputs.weight(outputs, columns, dtype)) {
                        ops.matmul(x, weight, Epilogue.NONE, dst);
                    }
                });
                add(Operation.GEGLU, dtype, size[0], columns, outputs, "", (ops, inputs, x, dst, first) -> {
                    try (Weight gate = inputs.weight(outputs, columns, dtype);
                            Weight up = inputs.weight(outputs, columns, dtype)) {
                        ops.geglu(x, gate, up, dst);
                    }
                });
            }
            add(Operation.MATMUL, dtype, 9, 40, 70, " bias", (ops, inputs, x, dst, first) -> {
                try (Weight weight = inputs.weight(70, 40, dtype)) {
                    ops.matmul(x, weight, new Epilogue.Bias(inputs.vector(70)), dst);
                }
            });
            add(Operation.MATMUL, dtype, 9, 40, 70, " bias and gelu", (ops, inputs, x, dst, first) -> {
                try (Weight weight = inputs.weight(70, 40, dtype)) {
                    ops.matmul(x, weight, new Epilogue.BiasGelu(inputs.vector(70)), dst);
                }
            });
            add(Operation.MATMUL, dtype, 9, 40, 70, " bias and add", (ops, inputs, x, dst, first) -> {
                try (Weight weight = inputs.weight(70, 40, dtype)) {
                    ops.matmul(x, weight, new Epilogue.BiasAdd(inputs.vector(70)), dst);
                }
            });
        }
    }

    private void largestProducts() {
        int[][] sizes = {{1, 640, 1153}, {2, 64, 64}, {4, 33, 36}, {8, 48, 129}, {11, 40, 1}, {3, 100, 2000}};
        for (DType dtype : DType.values()) {
            for (int[] size : sizes) {
                int columns = size[1];
                add(
                        Operation.ARGMAX_PRODUCT,
                        dtype,
                        size[0],
                        columns,
                        1,
                        " of " + size[2],
                        (ops, inputs, x, dst, first) -> {
                            int[] best = new int[x.rows()];
                            try (Weight weight = inputs.weightWithEquals(size[2], columns, dtype)) {
                                ops.argmaxProduct(x, weight, best);
                            }
                            for (int row = 0; row < best.length; row++) {
                                ops.write(dst, row, new float[] {best[row]}, 0, 1);
                            }
                        });
            }
        }
    }

    private void embeddings() {
        for (DType dtype : DType.values()) {
            add(Operation.EMBED, dtype, 11, 1, 40, " of 97 tokens", (ops, inputs, x, dst, first) -> {
                int[] tokens = new CaseInputs(ops, 4).below(11, 97);
                tokens[3] = 5;
                try (Weight table = inputs.weight(97, 40, dtype)) {
                    Embedding embedding = new Embedding(table, 6.3f, 5, inputs.vector(40));
                    ops.embed(embedding, Arrays.copyOfRange(tokens, first, first + dst.rows()), dst);
                }
            });
        }
    }

    private void heads() {
        for (int headDim : new int[] {8, 24, 72, 256}) {
            for (boolean turned : new boolean[] {true, false}) {
                int columns = 3 * headDim;
                String note = " heads of " + headDim + (turned ? " with rope" : "");
                add(Operation.HEAD_NORM_ROPE, DType.F32, 5, columns, columns, note, (ops, inputs, x, dst, first) -> {
                    RmsNorm norm = new RmsNorm(inputs.vector(headDim), 1e-6f);
                    int[] positions = {0, 1, 77, 5000, 131071};
                    Rope rope = turned ? new Rope(1_000_000, 8, headDim) : null;
                    int[] own = Arrays.copyOfRange(positions, first, first + x.rows());
                    ops.headNormRope(x, norm, rope, own);
                    ops.copyRows(x, 0, dst, 0, x.rows());
                });
            }
        }
    }

    private void pixels() {
        Patches patches = new Patches(3, 7, 4);
        int pixels = 3 * patches.side() * patches.side();
        add(Operation.PATCHIFY, DType.F32, 2, pixels, pixels, "", (ops, inputs, x, dst, first) -> {
            try (Tensor cut = ops.tensor(x.rows() * patches.patchesPerImage(), patches.patchValues())) {
                ops.patchify(x, patches, cut);
                ops.write(dst, 0, CaseInputs.read(ops, cut), 0, x.rows());
            }
        });
        int side = 6;
        int columns = 33;
        add(
                Operation.AVERAGE_POOL,
                DType.F32,
                2,
                side * side * columns,
                9 * columns,
                "",
                (ops, inputs, x, dst, first) -> {
                    try (Tensor cells = ops.tensor(x.rows() * side * side, columns);
                            Tensor pooled = ops.tensor(x.rows() * 9, columns)) {
                        ops.write(cells, 0, CaseInputs.read(ops, x), 0, cells.rows());
                        ops.averagePool(cells, side, 2, pooled);
                        ops.write(dst, 0, CaseInputs.read(ops, pooled), 0, x.rows());
                    }
                });
        add(Operation.SOFTCAP, DType.F32, 3, 301, 301, "", (ops, inputs, x, dst, first) -> {
            ops.softcap(x, 2.5f);
            ops.copyRows(x, 0, dst, 0, x.rows());
        });
        for (int width : new int[] {1, 15, 300, 5003}) {
            add(Operation.ARGMAX, DType.F32, 4, width, 1, " with equals", (ops, inputs, x, dst, first) -> {
                float[] values = CaseInputs.read(ops, x);
                for (int row = 0; row < x.rows(); row++) {
                    int from = (first + row) * 37 % width;
                    for (int i = from; i < width; i += 41) {
                        values[row * width + i] = 9;
                    }
                }
                ops.write(x, 0, values, 0, x.rows());
                int[] best = new int[x.rows()];
                ops.argmax(x, best);
                for (int row = 0; row < best.length; row++) {
                    ops.write(dst, row, new float[] {best[row]}, 0, 1);
                }
            });
        }
    }
}
