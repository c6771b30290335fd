package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Products of a few rows and a few vectors of columns, on fp32 columns.
 *
 * <p>Each method holds all its sums in registers: rows times vectors of accumulators, written out one by one because C2
 * keeps a vector in a register only while it is a local variable of one method. Every sum is a chain of fused
 * multiply-adds in the order of k, whatever the shape of the kernel, so all of them agree to the last bit.
 */
final class FloatKernels {

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;
    private static final long VECTOR = (long) COUNT * Float.BYTES;

    private FloatKernels() {}

    /**
     * A whole product.
     *
     * @param tile operands; a has 4 readable rows when {@code rows} is below 5, else the next multiple of 8, and c takes as many
     * @param rows at least 1
     * @param columns a multiple of 16
     */
    static void multiply(Tile tile, int rows, int columns) {
        int column = 0;
        int cOffset = tile.cOffset;
        long bOffset = tile.bOffset;
        for (; column + 2 * COUNT <= columns; column += 2 * COUNT) {
            tile.cOffset = cOffset + column;
            tile.bOffset = bOffset + (long) column * Float.BYTES;
            if (Lanes.MANY_REGISTERS && rows > 4) {
                rows8vectors2(tile, rows);
            } else {
                eachFour(tile, rows, FloatKernels::rows4vectors2);
            }
        }
        for (; column < columns; column += COUNT) {
            tile.cOffset = cOffset + column;
            tile.bOffset = bOffset + (long) column * Float.BYTES;
            if (Lanes.MANY_REGISTERS && rows > 4) {
                rows8vectors1(tile, rows);
            } else {
                eachFour(tile, rows, FloatKernels::rows4vectors1);
            }
        }
        tile.cOffset = cOffset;
        tile.bOffset = bOffset;
    }

    private interface Kernel {
        void multiply(Tile tile);
    }

    private static void eachFour(Tile tile, int rows, Kernel kernel) {
        int aOffset = tile.aOffset;
        int cOffset = tile.cOffset;
        for (int row = 0; row < rows; row += 4) {
            tile.aOffset = aOffset + row;
            tile.cOffset = cOffset + row * tile.cStep;
            kernel.multiply(tile);
        }
        tile.aOffset = aOffset;
        tile.cOffset = cOffset;
    }

    /** The product with one panel of columns; a has as many readable rows as the next of 1, 4 or 8, and c takes as many. */
    static void multiplyPanel(Tile tile, int rows) {
        if (rows > 1) {
            multiply(tile, rows, PackedMatrix.PANEL);
            return;
        }
        int cOffset = tile.cOffset;
        long bOffset = tile.bOffset;
        for (int column = 0; column < PackedMatrix.PANEL; column += 4 * COUNT) {
            tile.cOffset = cOffset + column;
            tile.bOffset = bOffset + (long) column * Float.BYTES;
            rows1vectors4(tile);
        }
        tile.cOffset = cOffset;
        tile.bOffset = bOffset;
    }

    /** Copies a slice of two vectors of columns, from byte {@code from} of a panel on, into b of {@code tile}. */
    static void copySlice(MemorySegment panels, long from, Tile tile) {
        MemorySegment b = tile.b;
        long to = tile.bOffset;
        for (int k = 0; k < tile.depth; k++) {
            FloatVector.fromMemorySegment(FLOATS, panels, from, LITTLE_ENDIAN).intoMemorySegment(b, to, LITTLE_ENDIAN);
            FloatVector.fromMemorySegment(FLOATS, panels, from + VECTOR, LITTLE_ENDIAN)
                    .intoMemorySegment(b, to + VECTOR, LITTLE_ENDIAN);
            from += PackedMatrix.PANEL * Float.BYTES;
            to += 2 * VECTOR;
        }
    }

    /** One row by four vectors. */
    static void rows1vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        int row0 = tile.cOffset;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + VECTOR, LITTLE_ENDIAN);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, from + 2 * VECTOR, LITTLE_ENDIAN);
            FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, from + 3 * VECTOR, LITTLE_ENDIAN);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            at += aStep;
            from += bStep;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
    }

    /** Four rows by one vector. */
    static void rows4vectors1(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        int row0 = tile.cOffset;
        int row1 = row0 + tile.cStep;
        int row2 = row0 + 2 * tile.cStep;
        int row3 = row0 + 3 * tile.cStep;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
        FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
        FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
        int at = tile.aOffset;
        long from = tile.bOffset;
        for (int k = tile.depth; k > 0; k--) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
            c00 = a0.fma(b0, c00);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
            c10 = a1.fma(b0, c10);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
            c20 = a2.fma(b0, c20);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
            c30 = a3.fma(b0, c30);
            at += aStep;
            from += bStep;
        }
        c00.intoArray(c, row0);
        c10.intoArray(c, row1);
        c20.intoArray(c, row2);
        c30.intoArray(c, row3);
    }

    /** Four rows by two vectors. */
    static void rows4vectors2(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
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
            FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + VECTOR, LITTLE_ENDIAN);
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

    /**
     * Eight rows by two vectors after eight rows by two vectors, for registers enough to hold 16 sums. A tile of rows starts
     * faster in a kernel that loops over them than in one called for each.
     */
    private static void rows8vectors2(Tile tile, int rows) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int row = 0; row < rows; row += 8) {
            int row0 = tile.cOffset + row * tile.cStep;
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
            int at = tile.aOffset + row;
            long from = tile.bOffset;
            for (int k = tile.depth; k > 0; k--) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + VECTOR, LITTLE_ENDIAN);
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

    /** Eight rows by one vector after eight rows by one vector: as many sums as keep the units for them busy. */
    private static void rows8vectors1(Tile tile, int rows) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int row = 0; row < rows; row += 8) {
            int row0 = tile.cOffset + row * tile.cStep;
            int row1 = row0 + tile.cStep;
            int row2 = row0 + 2 * tile.cStep;
            int row3 = row0 + 3 * tile.cStep;
            int row4 = row0 + 4 * tile.cStep;
            int row5 = row0 + 5 * tile.cStep;
            int row6 = row0 + 6 * tile.cStep;
            int row7 = row0 + 7 * tile.cStep;
            FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
            FloatVector c10 = FloatVector.fromArray(FLOATS, c, row1);
            FloatVector c20 = FloatVector.fromArray(FLOATS, c, row2);
            FloatVector c30 = FloatVector.fromArray(FLOATS, c, row3);
            FloatVector c40 = FloatVector.fromArray(FLOATS, c, row4);
            FloatVector c50 = FloatVector.fromArray(FLOATS, c, row5);
            FloatVector c60 = FloatVector.fromArray(FLOATS, c, row6);
            FloatVector c70 = FloatVector.fromArray(FLOATS, c, row7);
            int at = tile.aOffset + row;
            long from = tile.bOffset;
            for (int k = tile.depth; k > 0; k--) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
                c00 = a0.fma(b0, c00);
                FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
                c10 = a1.fma(b0, c10);
                FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
                c20 = a2.fma(b0, c20);
                FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
                c30 = a3.fma(b0, c30);
                FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
                c40 = a4.fma(b0, c40);
                FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
                c50 = a5.fma(b0, c50);
                FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6]);
                c60 = a6.fma(b0, c60);
                FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7]);
                c70 = a7.fma(b0, c70);
                at += aStep;
                from += bStep;
            }
            c00.intoArray(c, row0);
            c10.intoArray(c, row1);
            c20.intoArray(c, row2);
            c30.intoArray(c, row3);
            c40.intoArray(c, row4);
            c50.intoArray(c, row5);
            c60.intoArray(c, row6);
            c70.intoArray(c, row7);
        }
    }
}
