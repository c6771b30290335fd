package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Products of several rows and a panel of bf16 columns that use each cache line once, from end to end, so that the processor
 * fetches ahead while it multiplies: for registers enough to hold 24 sums.
 *
 * <p>Each sum is a chain of fused multiply-adds in the order of k, as in {@link Bfloat16Kernels}, and written out for its reason.
 */
final class Bfloat16StreamKernels {

    private static final long VECTOR = (long) COUNT * Short.BYTES;

    private Bfloat16StreamKernels() {}

    /**
     * The product with one panel of columns; the first 6 rows read it from memory, the others what is then in the cache.
     *
     * @param tile operands; a has 4 readable rows when {@code rows} is below 5, else 8, and c takes as many
     * @param rows 3 to 8
     */
    static void multiplyPanel(Tile tile, int rows) {
        if (rows <= 4) {
            rows4vectors4(tile);
            return;
        }
        rows6vectors4(tile);
        if (rows > 6) {
            tile.aOffset += 6;
            tile.cOffset += 6 * tile.cStep;
            Bfloat16Kernels.rows2vectors4(tile);
            tile.aOffset -= 6;
            tile.cOffset -= 6 * tile.cStep;
        }
    }

    /** Four rows by four vectors. */
    static void rows4vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Short.BYTES;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        int row2 = row0 + 2 * tile.cStep;
        int row3 = row0 + 3 * tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, c, row1 + COUNT);
        FloatVector c12 = FloatVector.fromArray(FLOATS, c, row1 + 2 * COUNT);
        FloatVector c13 = FloatVector.fromArray(FLOATS, c, row1 + 3 * COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, c, row2 + COUNT);
        FloatVector c22 = FloatVector.fromArray(FLOATS, c, row2 + 2 * COUNT);
        FloatVector c23 = FloatVector.fromArray(FLOATS, c, row2 + 3 * COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, c, row3 + COUNT);
        FloatVector c32 = FloatVector.fromArray(FLOATS, c, row3 + 2 * COUNT);
        FloatVector c33 = FloatVector.fromArray(FLOATS, c, row3 + 3 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = Bfloat16Kernels.widen(b, from);
            FloatVector b1 = Bfloat16Kernels.widen(b, from + VECTOR);
            FloatVector b2 = Bfloat16Kernels.widen(b, from + 2 * VECTOR);
            FloatVector b3 = Bfloat16Kernels.widen(b, from + 3 * VECTOR);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            at += aStep;
            from += bStep;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + COUNT);
        c12.intoArray(c, row1 + 2 * COUNT);
        c13.intoArray(c, row1 + 3 * COUNT);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + COUNT);
        c22.intoArray(c, row2 + 2 * COUNT);
        c23.intoArray(c, row2 + 3 * COUNT);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + COUNT);
        c32.intoArray(c, row3 + 2 * COUNT);
        c33.intoArray(c, row3 + 3 * COUNT);
    }

    /** Six rows by four vectors. */
    static void rows6vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Short.BYTES;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        int row2 = row0 + 2 * tile.cStep;
        int row3 = row0 + 3 * tile.cStep;
        int row4 = row0 + 4 * tile.cStep;
        int row5 = row0 + 5 * tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, c, row1 + COUNT);
        FloatVector c12 = FloatVector.fromArray(FLOATS, c, row1 + 2 * COUNT);
        FloatVector c13 = FloatVector.fromArray(FLOATS, c, row1 + 3 * COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, c, row2 + COUNT);
        FloatVector c22 = FloatVector.fromArray(FLOATS, c, row2 + 2 * COUNT);
        FloatVector c23 = FloatVector.fromArray(FLOATS, c, row2 + 3 * COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, c, row3 + COUNT);
        FloatVector c32 = FloatVector.fromArray(FLOATS, c, row3 + 2 * COUNT);
        FloatVector c33 = FloatVector.fromArray(FLOATS, c, row3 + 3 * COUNT);
        FloatVector c40 = FloatVector.fromArray(FLOATS, c, row4);
        FloatVector c41 = FloatVector.fromArray(FLOATS, c, row4 + COUNT);
        FloatVector c42 = FloatVector.fromArray(FLOATS, c, row4 + 2 * COUNT);
        FloatVector c43 = FloatVector.fromArray(FLOATS, c, row4 + 3 * COUNT);
        FloatVector c50 = FloatVector.fromArray(FLOATS, c, row5);
        FloatVector c51 = FloatVector.fromArray(FLOATS, c, row5 + COUNT);
        FloatVector c52 = FloatVector.fromArray(FLOATS, c, row5 + 2 * COUNT);
        FloatVector c53 = FloatVector.fromArray(FLOATS, c, row5 + 3 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = Bfloat16Kernels.widen(b, from);
            FloatVector b1 = Bfloat16Kernels.widen(b, from + VECTOR);
            FloatVector b2 = Bfloat16Kernels.widen(b, from + 2 * VECTOR);
            FloatVector b3 = Bfloat16Kernels.widen(b, from + 3 * VECTOR);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            c43 = a4.fma(b3, c43);
            FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            c53 = a5.fma(b3, c53);
            at += aStep;
            from += bStep;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + COUNT);
        c12.intoArray(c, row1 + 2 * COUNT);
        c13.intoArray(c, row1 + 3 * COUNT);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + COUNT);
        c22.intoArray(c, row2 + 2 * COUNT);
        c23.intoArray(c, row2 + 3 * COUNT);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + COUNT);
        c32.intoArray(c, row3 + 2 * COUNT);
        c33.intoArray(c, row3 + 3 * COUNT);
        c40.intoArray(c, row4);
        c41.intoArray(c, row4 + COUNT);
        c42.intoArray(c, row4 + 2 * COUNT);
        c43.intoArray(c, row4 + 3 * COUNT);
        c50.intoArray(c, row5);
        c51.intoArray(c, row5 + COUNT);
        c52.intoArray(c, row5 + 2 * COUNT);
        c53.intoArray(c, row5 + 3 * COUNT);
    }
}
