package io.tandem.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What the machine can do at most: fused multiply-adds from registers, and reads of more than the caches hold. */
final class MachineMeasure {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int STEPS = 2_000_000;
    /** Independent sums: enough for two units with a latency of four or five cycles. */
    private static final int CHAINS = 10;

    /** Many times what a third-level cache keeps of it from one pass to the next. */
    private static final long READ_BYTES = 256 << 20;

    /** Passes of a look at the memory's speed between runs of something else. */
    private static final int LOOKS = 4;

    private final int threads;

    MachineMeasure(int threads) {
        this.threads = threads;
    }

    Machine run(Report report) {
        report.progress("Measuring the machine");
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            double flops = 2.0 * CHAINS * SPECIES.length() * STEPS * threads;
            double flopSeconds = Timing.best(0.5, 5, 0.5, () -> onAll(pool, MachineMeasure::multiply));
            Machine machine = new Machine(flops / flopSeconds / 1e9, readGbPerSecond(pool, 0.5, 5, 0.5));
            report.result(
                    "machine",
                    "threads",
                    threads,
                    "fp32_gflops",
                    Report.rounded(machine.gflops()),
                    "read_gb_per_s",
                    Report.rounded(machine.readGbPerSecond()),
                    "vector_bits",
                    SPECIES.vectorBitSize());
            return machine;
        }
    }

    /**
     * What the machine reads just now, in 1e9 bytes a second: others may use its memory too, now more and now less, so what reads
     * memory is held against what could be read in the same moment.
     */
    double readsNow() {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            return readGbPerSecond(pool, 0, LOOKS, 0);
        }
    }

    /** Native memory, given back at once: what is measured later shall not be measured with it. */
    private double readGbPerSecond(ExecutorService pool, double warmUpSeconds, int runs, double seconds) {
        long share = READ_BYTES / threads / SPECIES.vectorByteSize() * SPECIES.vectorByteSize();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(READ_BYTES, SPECIES.vectorByteSize());
            memory.fill((byte) 1);
            double best = Timing.best(
                    warmUpSeconds,
                    runs,
                    seconds,
                    () -> onAll(pool, thread -> read(memory, thread * share, (thread + 1) * share)));
            return (double) share * threads / best / 1e9;
        }
    }

    @FunctionalInterface
    private interface Share {
        float compute(int thread);
    }

    private void onAll(ExecutorService pool, Share share) {
        List<Future<Float>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int thread = i;
            results.add(pool.submit(() -> share.compute(thread)));
        }
        for (Future<Float> result : results) {
            consume(result);
        }
    }

    /** Looks at the value, so that no compiler may leave its computation out. */
    private static void consume(Future<Float> result) {
        try {
            if (Float.isNaN(result.get())) {
                throw new IllegalStateException("the machine's sums are not numbers");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring the machine", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("measuring the machine failed", e.getCause());
        }
    }

    private static float multiply(int thread) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector addend = FloatVector.broadcast(SPECIES, 0.001f * (thread + 1));
        FloatVector sum0 = addend;
        FloatVector sum1 = addend;
        FloatVector sum2 = addend;
        FloatVector sum3 = addend;
        FloatVector sum4 = addend;
        FloatVector sum5 = addend;
        FloatVector sum6 = addend;
        FloatVector sum7 = addend;
        FloatVector sum8 = addend;
        FloatVector sum9 = addend;
        for (int step = 0; step < STEPS; step++) {
            sum0 = sum0.fma(factor, addend);
            sum1 = sum1.fma(factor, addend);
            sum2 = sum2.fma(factor, addend);
            sum3 = sum3.fma(factor, addend);
            sum4 = sum4.fma(factor, addend);
            sum5 = sum5.fma(factor, addend);
            sum6 = sum6.fma(factor, addend);
            sum7 = sum7.fma(factor, addend);
            sum8 = sum8.fma(factor, addend);
            sum9 = sum9.fma(factor, addend);
        }
        FloatVector total = sum0.add(sum1).add(sum2).add(sum3).add(sum4);
        return total.add(sum5).add(sum6).add(sum7).add(sum8).add(sum9).lane(0);
    }

    private static float read(MemorySegment memory, long from, long to) {
        int width = SPECIES.vectorByteSize();
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = FloatVector.zero(SPECIES);
        FloatVector sum2 = FloatVector.zero(SPECIES);
        FloatVector sum3 = FloatVector.zero(SPECIES);
        for (long i = from; i <= to - 4L * width; i += 4L * width) {
            sum0 = sum0.add(vector(memory, i));
            sum1 = sum1.add(vector(memory, i + width));
            sum2 = sum2.add(vector(memory, i + 2L * width));
            sum3 = sum3.add(vector(memory, i + 3L * width));
        }
        return sum0.add(sum1).add(sum2.add(sum3)).lane(0);
    }

    private static FloatVector vector(MemorySegment memory, long offset) {
        return FloatVector.fromMemorySegment(SPECIES, memory, offset, ByteOrder.nativeOrder());
    }
}
