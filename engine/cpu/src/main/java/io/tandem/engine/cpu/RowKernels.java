package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Products of many rows, read where they lie in a row-major matrix, with a slice of two vectors of fp32 columns.
 *
 * <p>Where fewer rows are left than a kernel takes, the last one stands in for those that lack: computed and stored several
 * times, each time alike. Each sum is a chain of fused multiply-adds in the order of k, as in {@link FloatKernels}, and written
 * out for its reason. A tile of rows starts
 * faster in a kernel that loops over them than in one called for each.
 */
final class RowKernels {

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;
    private static final long VECTOR = (long) COUNT * Float.BYTES;

    private RowKernels() {}

    /** The product of all rows of a with a slice of columns. */
    static void multiply(Tile tile) {
        multiplyFrom(tile, 0);
    }

    /**
     * Widens a slice of bf16 columns and multiplies all rows with it; the widening hides behind the first rows' arithmetic.
     *
     * @param tile operands; b is filled with the widened slice
     * @param weights panels of bf16
     * @param offset byte of the slice's first input
     */
    static void widenAndMultiply(Tile tile, MemorySegment weights, long offset) {
        if (tile.rows <= 4 || !Lanes.MANY_REGISTERS) {
            wideningRows4vectors2(tile, weights, offset);
            multiplyFrom(tile, 4);
        } else {
            wideningRows8vectors2(tile, weights, offset);
            multiplyFrom(tile, 8);
        }
    }

    /** Whole tiles of 8 rows where the registers allow it, and up to 4 rows that are left. */
    private static void multiplyFrom(Tile tile, int first) {
        int large = Lanes.MANY_REGISTERS ? (tile.rows - first + 3) / 8 * 8 : 0;
        rows8vectors2(tile, first, first + large);
        rows4vectors2(tile, first + large, tile.rows);
    }

    /** Eight rows by two vectors, from row {@code first} to before {@code end}. */
    private static void rows8vectors2(Tile tile, int first, int end) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        float[] start = tile.start;
        int depth = tile.depth;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int row = first; row < end; row += 8) {
            int last = Math.min(8, tile.rows - row) - 1;
            int row0 = tile.cOffset + row * tile.cStep;
            int row1 = row0 + Math.min(1, last) * tile.cStep;
            int row2 = row0 + Math.min(2, last) * tile.cStep;
            int row3 = row0 + Math.min(3, last) * tile.cStep;
            int row4 = row0 + Math.min(4, last) * tile.cStep;
            int row5 = row0 + Math.min(5, last) * tile.cStep;
            int row6 = row0 + Math.min(6, last) * tile.cStep;
            int row7 = row0 + Math.min(7, last) * tile.cStep;
            int start0 = tile.startOffset + row * tile.startStep;
            int start1 = start0 + Math.min(1, last) * tile.startStep;
            int start2 = start0 + Math.min(2, last) * tile.startStep;
            int start3 = start0 + Math.min(3, last) * tile.startStep;
            int start4 = start0 + Math.min(4, last) * tile.startStep;
            int start5 = start0 + Math.min(5, last) * tile.startStep;
            int start6 = start0 + Math.min(6, last) * tile.startStep;
            int start7 = start0 + Math.min(7, last) * tile.startStep;
            int at0 = tile.aOffset + row * tile.aStep;
            int at1 = at0 + Math.min(1, last) * tile.aStep;
            int at2 = at0 + Math.min(2, last) * tile.aStep;
            int at3 = at0 + Math.min(3, last) * tile.aStep;
            int at4 = at0 + Math.min(4, last) * tile.aStep;
            int at5 = at0 + Math.min(5, last) * tile.aStep;
            int at6 = at0 + Math.min(6, last) * tile.aStep;
            int at7 = at0 + Math.min(7, last) * tile.aStep;
            FloatVector c00 = FloatVector.fromArray(FLOATS, start, start0);
            FloatVector c01 = FloatVector.fromArray(FLOATS, start, start0 + COUNT);
            FloatVector c10 = FloatVector.fromArray(FLOATS, start, start1);
            FloatVector c11 = FloatVector.fromArray(FLOATS, start, start1 + COUNT);
            FloatVector c20 = FloatVector.fromArray(FLOATS, start, start2);
            FloatVector c21 = FloatVector.fromArray(FLOATS, start, start2 + COUNT);
            FloatVector c30 = FloatVector.fromArray(FLOATS, start, start3);
            FloatVector c31 = FloatVector.fromArray(FLOATS, start, start3 + COUNT);
            FloatVector c40 = FloatVector.fromArray(FLOATS, start, start4);
            FloatVector c41 = FloatVector.fromArray(FLOATS, start, start4 + COUNT);
            FloatVector c50 = FloatVector.fromArray(FLOATS, start, start5);
            FloatVector c51 = FloatVector.fromArray(FLOATS, start, start5 + COUNT);
            FloatVector c60 = FloatVector.fromArray(FLOATS, start, start6);
            FloatVector c61 = FloatVector.fromArray(FLOATS, start, start6 + COUNT);
            FloatVector c70 = FloatVector.fromArray(FLOATS, start, start7);
            FloatVector c71 = FloatVector.fromArray(FLOATS, start, start7 + COUNT);
            long from = tile.bOffset;
            for (int k = 0; k < depth; k++) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + VECTOR, LITTLE_ENDIAN);
                FloatVector a0 = FloatVector.broadcast(FLOATS, a[at0 + k]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(FLOATS, a[at1 + k]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(FLOATS, a[at2 + k]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(FLOATS, a[at3 + k]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = FloatVector.broadcast(FLOATS, a[at4 + k]);
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = FloatVector.broadcast(FLOATS, a[at5 + k]);
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = FloatVector.broadcast(FLOATS, a[at6 + k]);
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = FloatVector.broadcast(FLOATS, a[at7 + k]);
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
                from += bStep;
            }
            c00.intoArray(c, row0);
            c01.intoArray(c, row0 + COUNT);
            c10.intoArray(c, row1);
            c11.intoArray(c, row1 + COUNT);
            c20.intoArray(c, row2);
            c21.intoArray(c, row2 + COUNT);
            c30.intoArray(c, row3);
            c31.intoArray(c, row3 + COUNT);
            c40.intoArray(c, row4);
            c41.intoArray(c, row4 + COUNT);
            c50.intoArray(c, row5);
            c51.intoArray(c, row5 + COUNT);
            c60.intoArray(c, row6);
            c61.intoArray(c, row6 + COUNT);
            c70.intoArray(c, row7);
            c71.intoArray(c, row7 + COUNT);
        }
    }

    /** Four rows by two vectors, from row {@code first} to before {@code end}. */
    private static void rows4vectors2(Tile tile, int first, int end) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        float[] start = tile.start;
        int depth = tile.depth;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int row = first; row < end; row += 4) {
            int last = Math.min(4, tile.rows - row) - 1;
            int row0 = tile.cOffset + row * tile.cStep;
            int row1 = row0 + Math.min(1, last) * tile.cStep;
            int row2 = row0 + Math.min(2, last) * tile.cStep;
            int row3 = row0 + Math.min(3, last) * tile.cStep;
            int start0 = tile.startOffset + row * tile.startStep;
            int start1 = start0 + Math.min(1, last) * tile.startStep;
            int start2 = start0 + Math.min(2, last) * tile.startStep;
            int start3 = start0 + Math.min(3, last) * tile.startStep;
            int at0 = tile.aOffset + row * tile.aStep;
            int at1 = at0 + Math.min(1, last) * tile.aStep;
            int at2 = at0 + Math.min(2, last) * tile.aStep;
            int at3 = at0 + Math.min(3, last) * tile.aStep;
            FloatVector c00 = FloatVector.fromArray(FLOATS, start, start0);
            FloatVector c01 = FloatVector.fromArray(FLOATS, start, start0 + COUNT);
            FloatVector c10 = FloatVector.fromArray(FLOATS, start, start1);
            FloatVector c11 = FloatVector.fromArray(FLOATS, start, start1 + COUNT);
            FloatVector c20 = FloatVector.fromArray(FLOATS, start, start2);
            FloatVector c21 = FloatVector.fromArray(FLOATS, start, start2 + COUNT);
            FloatVector c30 = FloatVector.fromArray(FLOATS, start, start3);
            FloatVector c31 = FloatVector.fromArray(FLOATS, start, start3 + COUNT);
            long from = tile.bOffset;
            for (int k = 0; k < depth; k++) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + VECTOR, LITTLE_ENDIAN);
                FloatVector a0 = FloatVector.broadcast(FLOATS, a[at0 + k]);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(FLOATS, a[at1 + k]);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(FLOATS, a[at2 + k]);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(FLOATS, a[at3 + k]);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                from += bStep;
            }
            c00.intoArray(c, row0);
            c01.intoArray(c, row0 + COUNT);
            c10.intoArray(c, row1);
            c11.intoArray(c, row1 + COUNT);
            c20.intoArray(c, row2);
            c21.intoArray(c, row2 + COUNT);
            c30.intoArray(c, row3);
            c31.intoArray(c, row3 + COUNT);
        }
    }

    /** Eight rows by two vectors, which are widened and kept. */
    private static void wideningRows8vectors2(Tile tile, MemorySegment weights, long offset) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        float[] start = tile.start;
        int depth = tile.depth;
        long bStep = (long) tile.bStep * Float.BYTES;
        int last = Math.min(8, tile.rows) - 1;
        int row0 = tile.cOffset;
        int row1 = row0 + Math.min(1, last) * tile.cStep;
        int row2 = row0 + Math.min(2, last) * tile.cStep;
        int row3 = row0 + Math.min(3, last) * tile.cStep;
        int row4 = row0 + Math.min(4, last) * tile.cStep;
        int row5 = row0 + Math.min(5, last) * tile.cStep;
        int row6 = row0 + Math.min(6, last) * tile.cStep;
        int row7 = row0 + Math.min(7, last) * tile.cStep;
        int start0 = tile.startOffset;
        int start1 = start0 + Math.min(1, last) * tile.startStep;
        int start2 = start0 + Math.min(2, last) * tile.startStep;
        int start3 = start0 + Math.min(3, last) * tile.startStep;
        int start4 = start0 + Math.min(4, last) * tile.startStep;
        int start5 = start0 + Math.min(5, last) * tile.startStep;
        int start6 = start0 + Math.min(6, last) * tile.startStep;
        int start7 = start0 + Math.min(7, last) * tile.startStep;
        int at0 = tile.aOffset;
        int at1 = at0 + Math.min(1, last) * tile.aStep;
        int at2 = at0 + Math.min(2, last) * tile.aStep;
        int at3 = at0 + Math.min(3, last) * tile.aStep;
        int at4 = at0 + Math.min(4, last) * tile.aStep;
        int at5 = at0 + Math.min(5, last) * tile.aStep;
        int at6 = at0 + Math.min(6, last) * tile.aStep;
        int at7 = at0 + Math.min(7, last) * tile.aStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, start, start0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, start, start0 + COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, start, start1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, start, start1 + COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, start, start2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, start, start2 + COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, start, start3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, start, start3 + COUNT);
        FloatVector c40 = FloatVector.fromArray(FLOATS, start, start4);
        FloatVector c41 = FloatVector.fromArray(FLOATS, start, start4 + COUNT);
        FloatVector c50 = FloatVector.fromArray(FLOATS, start, start5);
        FloatVector c51 = FloatVector.fromArray(FLOATS, start, start5 + COUNT);
        FloatVector c60 = FloatVector.fromArray(FLOATS, start, start6);
        FloatVector c61 = FloatVector.fromArray(FLOATS, start, start6 + COUNT);
        FloatVector c70 = FloatVector.fromArray(FLOATS, start, start7);
        FloatVector c71 = FloatVector.fromArray(FLOATS, start, start7 + COUNT);
        long wide = tile.bOffset;
        long from = offset;
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = Bfloat16Kernels.widen(weights, from);
            FloatVector b1 = Bfloat16Kernels.widen(weights, from + VECTOR / 2);
            b0.intoMemorySegment(b, wide, LITTLE_ENDIAN);
            b1.intoMemorySegment(b, wide + VECTOR, LITTLE_ENDIAN);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at0 + k]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at1 + k]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at2 + k]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at3 + k]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(FLOATS, a[at4 + k]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(FLOATS, a[at5 + k]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            FloatVector a6 = FloatVector.broadcast(FLOATS, a[at6 + k]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            FloatVector a7 = FloatVector.broadcast(FLOATS, a[at7 + k]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
            wide += bStep;
            from += PackedMatrix.PANEL * Short.BYTES;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + COUNT);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + COUNT);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + COUNT);
        c40.intoArray(c, row4);
        c41.intoArray(c, row4 + COUNT);
        c50.intoArray(c, row5);
        c51.intoArray(c, row5 + COUNT);
        c60.intoArray(c, row6);
        c61.intoArray(c, row6 + COUNT);
        c70.intoArray(c, row7);
        c71.intoArray(c, row7 + COUNT);
    }

    /** Four rows by two vectors, which are widened and kept. */
    private static void wideningRows4vectors2(Tile tile, MemorySegment weights, long offset) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        float[] start = tile.start;
        int depth = tile.depth;
        long bStep = (long) tile.bStep * Float.BYTES;
        int last = Math.min(4, tile.rows) - 1;
        int row0 = tile.cOffset;
        int row1 = row0 + Math.min(1, last) * tile.cStep;
        int row2 = row0 + Math.min(2, last) * tile.cStep;
        int row3 = row0 + Math.min(3, last) * tile.cStep;
        int start0 = tile.startOffset;
        int start1 = start0 + Math.min(1, last) * tile.startStep;
        int start2 = start0 + Math.min(2, last) * tile.startStep;
        int start3 = start0 + Math.min(3, last) * tile.startStep;
        int at0 = tile.aOffset;
        int at1 = at0 + Math.min(1, last) * tile.aStep;
        int at2 = at0 + Math.min(2, last) * tile.aStep;
        int at3 = at0 + Math.min(3, last) * tile.aStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, start, start0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, start, start0 + COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, start, start1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, start, start1 + COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, start, start2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, start, start2 + COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, start, start3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, start, start3 + COUNT);
        long wide = tile.bOffset;
        long from = offset;
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = Bfloat16Kernels.widen(weights, from);
            FloatVector b1 = Bfloat16Kernels.widen(weights, from + VECTOR / 2);
            b0.intoMemorySegment(b, wide, LITTLE_ENDIAN);
            b1.intoMemorySegment(b, wide + VECTOR, LITTLE_ENDIAN);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at0 + k]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at1 + k]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at2 + k]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at3 + k]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            wide += bStep;
            from += PackedMatrix.PANEL * Short.BYTES;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + COUNT);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + COUNT);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + COUNT);
    }
}
