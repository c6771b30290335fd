package io.tandem.bench;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Matrix products alone, beside the machine's peaks; whatever a product packs is packed within its time. */
final class KernelMeasure {

    private static final double SECONDS = 0.5;

    /** The first product of a process takes half a second, and on as many cores as compute C2 needs another to see to the kernels. */
    private static final double WARM_UP_SECONDS = 2;

    private final Ops ops;
    private final Machine machine;

    KernelMeasure(Ops ops, Machine machine) {
        this.ops = ops;
        this.machine = machine;
    }

    /** The up projection of a 270m layer over 512 tokens, and over one: the first bound by computing, the second by reading. */
    void run(Report report) {
        report.progress("Multiplying matrices");
        product(512, 2048, 640, report);
        product(1, 65_536, 640, report);
    }

    private void product(int rows, int outputs, int inputs, Report report) {
        try (Arena arena = Arena.ofShared();
                Weight weight = ops.weight(matrix(arena, outputs, inputs));
                Tensor x = ops.tensor(rows, inputs);
                Tensor dst = ops.tensor(rows, outputs)) {
            float[] values = new float[rows * inputs];
            Random random = new Random(rows);
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat() - 0.5f;
            }
            ops.write(x, 0, values, 0, rows);
            double seconds = Timing.best(WARM_UP_SECONDS, 10, SECONDS, () -> ops.matmul(x, weight, Epilogue.NONE, dst));
            Work work = WorkOf.matmul(x, weight, dst);
            double gflops = work.flops() / seconds / 1e9;
            double read = work.bytes() / seconds / 1e9;
            report.result(
                    "kernel",
                    "rows",
                    rows,
                    "outputs",
                    outputs,
                    "inputs",
                    inputs,
                    "gflops",
                    Report.rounded(gflops),
                    "peak_percent",
                    Report.rounded(machine.percentOfGflops(gflops)),
                    "gb_per_s",
                    Report.rounded(read),
                    "read_percent",
                    Report.rounded(machine.percentOfReads(read)));
        }
    }

    private static StoredTensor matrix(Arena arena, int outputs, int inputs) {
        MemorySegment data = arena.allocate((long) outputs * inputs * DType.BF16.byteSize(), Long.BYTES);
        Random random = new Random(outputs);
        for (long i = 0; i < (long) outputs * inputs; i++) {
            data.setAtIndex(ValueLayout.JAVA_SHORT, i, DType.bfloat16(random.nextFloat() - 0.5f));
        }
        return new StoredTensor("bench", DType.BF16, new int[] {outputs, inputs}, data);
    }
}
