package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a few rows and a few vectors of columns, on int8 columns that are widened in registers;
 * the scales of the columns come after the sum.
 *
 * <p>Each method holds all its sums in registers: rows times vectors of accumulators, written out one by one because C2
 * keeps a vector in a register only while it is a local variable of one method. Every sum is a chain of fused
 * multiply-adds in the order of k, whatever the shape of the kernel, so all of them agree to the last bit.
 */
final class Int8Kernels {

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long VECTOR = COUNT;

    /** A vector's bytes, or with 128 bits twice as many: there is no smaller vector of bytes. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, FLOATS.vectorBitSize() / 4)));

    /**
     * Bytes by which one row's product reads ahead of its arithmetic. A line of 64 columns takes so many instructions that the
     * processor sees too few of the lines to come; measured, 1 to 3 KB make no difference.
     */
    static final int AHEAD = 24 * PackedMatrix.PANEL;

    /** Bytes behind the last column that may be read. */
    static final int SLACK = AHEAD + Long.BYTES;

    private Int8Kernels() {}

    /** One vector of columns. */
    private static FloatVector widen(MemorySegment b, long offset) {
        ByteVector whole = ByteVector.fromMemorySegment(BYTES, b, offset, LITTLE_ENDIAN);
        return (FloatVector) whole.convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    /** Widens a slice of two vectors of columns, from byte {@code from} of a panel on, into b of {@code tile}. */
    static void widenSlice(MemorySegment panels, long from, Tile tile) {
        MemorySegment b = tile.b;
        long to = tile.bOffset;
        for (int k = 0; k < tile.depth; k++) {
            widen(panels, from).intoMemorySegment(b, to, LITTLE_ENDIAN);
            widen(panels, from + VECTOR).intoMemorySegment(b, to + Float.BYTES * VECTOR, LITTLE_ENDIAN);
            from += PackedMatrix.PANEL;
            to += 2 * Float.BYTES * VECTOR;
        }
    }

    /**
     * The product with one panel of columns.
     *
     * @param tile operands; a has as many readable rows as the next of 1, 2, 4 or 8, and c takes as many
     * @param rows 1 to 8
     */
    static void multiplyPanel(Tile tile, int rows) {
        int vectors = rows == 1 && !Lanes.MANY_REGISTERS ? 8 : rows <= 2 || streams(rows) ? 4 : 2;
        int cOffset = tile.cOffset;
        long bOffset = tile.bOffset;
        for (int column = 0; column < PackedMatrix.PANEL; column += vectors * COUNT) {
            tile.cOffset = cOffset + column;
            tile.bOffset = bOffset + column;
            multiplySlice(tile, rows);
        }
        tile.cOffset = cOffset;
        tile.bOffset = bOffset;
    }

    /** Whether a panel is read from end to end, so that it need not be fetched first. */
    static boolean streams(int rows) {
        return rows == 1 || Lanes.MANY_REGISTERS && (rows == 3 || rows == 4);
    }

    private static void multiplySlice(Tile tile, int rows) {
        if (rows == 1 && !Lanes.MANY_REGISTERS) {
            rows1vectors8(tile);
        } else if (rows == 1) {
            rows1vectors4(tile);
        } else if (rows == 2) {
            rows2vectors4(tile);
        } else if (streams(rows)) {
            rows4vectors4(tile);
        } else if (rows <= 4) {
            rows4vectors2(tile);
        } else if (Lanes.MANY_REGISTERS) {
            rows8vectors2(tile);
        } else {
            rows4vectors2(tile);
            tile.aOffset += 4;
            tile.cOffset += 4 * tile.cStep;
            rows4vectors2(tile);
            tile.aOffset -= 4;
            tile.cOffset -= 4 * tile.cStep;
        }
    }

    /**
     * One row by four vectors. The steps are variables although they are known, so that C2 leaves the loop as it is: unrolled, it
     * reads memory at two thirds of the speed.
     */
    static void rows1vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = tile.bStep;
        int row0 = tile.cOffset;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        long ahead = 0;
        for (int k = tile.depth; k > 0; k--) {
            ahead |= b.get(LONG, from + AHEAD);
            FloatVector b0 = widen(b, from);
            FloatVector b1 = widen(b, from + VECTOR);
            FloatVector b2 = widen(b, from + 2 * VECTOR);
            FloatVector b3 = widen(b, from + 3 * VECTOR);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            at += aStep;
            from += bStep;
        }
        tile.fetched |= ahead;
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
    }

    /** One row by eight vectors, a whole panel of 256 bits; otherwise as {@link #rows1vectors4}. */
    static void rows1vectors8(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = tile.bStep;
        int row0 = tile.cOffset;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        FloatVector c04 = FloatVector.fromArray(FLOATS, c, row0 + 4 * COUNT);
        FloatVector c05 = FloatVector.fromArray(FLOATS, c, row0 + 5 * COUNT);
        FloatVector c06 = FloatVector.fromArray(FLOATS, c, row0 + 6 * COUNT);
        FloatVector c07 = FloatVector.fromArray(FLOATS, c, row0 + 7 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        long ahead = 0;
        for (int k = tile.depth; k > 0; k--) {
            ahead |= b.get(LONG, from + AHEAD);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(widen(b, from), c00);
            c01 = a0.fma(widen(b, from + VECTOR), c01);
            c02 = a0.fma(widen(b, from + 2 * VECTOR), c02);
            c03 = a0.fma(widen(b, from + 3 * VECTOR), c03);
            c04 = a0.fma(widen(b, from + 4 * VECTOR), c04);
            c05 = a0.fma(widen(b, from + 5 * VECTOR), c05);
            c06 = a0.fma(widen(b, from + 6 * VECTOR), c06);
            c07 = a0.fma(widen(b, from + 7 * VECTOR), c07);
            at += aStep;
            from += bStep;
        }
        tile.fetched |= ahead;
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
        c04.intoArray(c, row0 + 4 * COUNT);
        c05.intoArray(c, row0 + 5 * COUNT);
        c06.intoArray(c, row0 + 6 * COUNT);
        c07.intoArray(c, row0 + 7 * COUNT);
    }

    /** Two rows by four vectors. */
    static void rows2vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = tile.bStep;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, c, row1 + COUNT);
        FloatVector c12 = FloatVector.fromArray(FLOATS, c, row1 + 2 * COUNT);
        FloatVector c13 = FloatVector.fromArray(FLOATS, c, row1 + 3 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = widen(b, from);
            FloatVector b1 = widen(b, from + VECTOR);
            FloatVector b2 = widen(b, from + 2 * VECTOR);
            FloatVector b3 = widen(b, from + 3 * VECTOR);
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
    }

    /** Four rows by four vectors, for registers enough to hold 16 sums. */
    static void rows4vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
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
        int aStep = tile.aStep;
        int depth = tile.depth;
        int at = tile.aOffset;
        long start = tile.bOffset;
        for (int k = 0; k < depth; k++) {
            long from = start + (long) PackedMatrix.PANEL * k;
            FloatVector b0 = widen(b, from);
            FloatVector b1 = widen(b, from + VECTOR);
            FloatVector b2 = widen(b, from + 2 * VECTOR);
            FloatVector b3 = widen(b, from + 3 * VECTOR);
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

    /** Four rows by two vectors. */
    static void rows4vectors2(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = tile.bStep;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        int row2 = row0 + 2 * tile.cStep;
        int row3 = row0 + 3 * tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, c, row1 + COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, c, row2 + COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, c, row3 + COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = widen(b, from);
            FloatVector b1 = widen(b, from + VECTOR);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            at += aStep;
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

    /** Eight rows by two vectors. */
    static void rows8vectors2(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = tile.bStep;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        int row2 = row0 + 2 * tile.cStep;
        int row3 = row0 + 3 * tile.cStep;
        int row4 = row0 + 4 * tile.cStep;
        int row5 = row0 + 5 * tile.cStep;
        int row6 = row0 + 6 * tile.cStep;
        int row7 = row0 + 7 * tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c11 = FloatVector.fromArray(FLOATS, c, row1 + COUNT);
        FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
        FloatVector c21 = FloatVector.fromArray(FLOATS, c, row2 + COUNT);
        FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
        FloatVector c31 = FloatVector.fromArray(FLOATS, c, row3 + COUNT);
        FloatVector c40 = FloatVector.fromArray(FLOATS, c, row4);
        FloatVector c41 = FloatVector.fromArray(FLOATS, c, row4 + COUNT);
        FloatVector c50 = FloatVector.fromArray(FLOATS, c, row5);
        FloatVector c51 = FloatVector.fromArray(FLOATS, c, row5 + COUNT);
        FloatVector c60 = FloatVector.fromArray(FLOATS, c, row6);
        FloatVector c61 = FloatVector.fromArray(FLOATS, c, row6 + COUNT);
        FloatVector c70 = FloatVector.fromArray(FLOATS, c, row7);
        FloatVector c71 = FloatVector.fromArray(FLOATS, c, row7 + COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = widen(b, from);
            FloatVector b1 = widen(b, from + VECTOR);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
            at += aStep;
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
