package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;
import static io.tandem.engine.cpu.Lanes.INTS;
import static io.tandem.engine.cpu.Lanes.SHORTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of a few rows and a few vectors of columns, on bf16 columns that are widened in registers.
 *
 * <p>Each method holds all its sums in registers: rows times vectors of accumulators, written out one by one because C2
 * keeps a vector in a register only while it is a local variable of one method. Every sum is a chain of fused
 * multiply-adds in the order of k, whatever the shape of the kernel, so all of them agree to the last bit.
 */
final class Bfloat16Kernels {

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;
    private static final long VECTOR = (long) COUNT * Short.BYTES;

    private Bfloat16Kernels() {}

    /**
     * One vector of columns: a bf16 is the upper half of a float. The signs that widening fills it with are shifted out again; where vectors have
     * 256 bits, C2 takes five times as long to fill with zeros.
     */
    static FloatVector widen(MemorySegment b, long offset) {
        ShortVector halves = ShortVector.fromMemorySegment(SHORTS, b, offset, LITTLE_ENDIAN);
        IntVector whole = (IntVector) halves.convertShape(VectorOperators.S2I, INTS, 0);
        return whole.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    /**
     * The product with one panel of columns.
     *
     * @param tile operands; a has as many readable rows as the next of 1, 2, 4 or 8, and c takes as many
     * @param rows 1 to 8
     */
    static void multiplyPanel(Tile tile, int rows) {
        if (streams(rows)) {
            Bfloat16StreamKernels.multiplyPanel(tile, rows);
            return;
        }
        int vectors = rows == 1 && !Lanes.MANY_REGISTERS ? 8 : rows <= 2 ? 4 : 2;
        int cOffset = tile.cOffset;
        long bOffset = tile.bOffset;
        for (int column = 0; column < PackedMatrix.PANEL; column += vectors * COUNT) {
            tile.cOffset = cOffset + column;
            tile.bOffset = bOffset + (long) column * Short.BYTES;
            multiplySlice(tile, rows);
        }
        tile.cOffset = cOffset;
        tile.bOffset = bOffset;
    }

    /** Whether a panel is read from end to end, so that it need not be fetched first. */
    static boolean streams(int rows) {
        return Lanes.MANY_REGISTERS && rows > 2;
    }

    private static void multiplySlice(Tile tile, int rows) {
        if (rows == 1 && !Lanes.MANY_REGISTERS) {
            rows1vectors8(tile);
        } else if (rows == 1) {
            rows1vectors4(tile);
        } else if (rows == 2) {
            rows2vectors4(tile);
        } else if (rows <= 4) {
            rows4vectors2(tile);
        } else {
            rows4vectors2(tile);
            tile.aOffset += 4;
            tile.cOffset += 4 * tile.cStep;
            rows4vectors2(tile);
            tile.aOffset -= 4;
            tile.cOffset -= 4 * tile.cStep;
        }
    }

    /** One row by four vectors. */
    static void rows1vectors4(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Short.BYTES;
        int row0 = tile.cOffset;
        FloatVector c00 = FloatVector.fromArray(FLOATS, c, row0);
        FloatVector c01 = FloatVector.fromArray(FLOATS, c, row0 + COUNT);
        FloatVector c02 = FloatVector.fromArray(FLOATS, c, row0 + 2 * COUNT);
        FloatVector c03 = FloatVector.fromArray(FLOATS, c, row0 + 3 * COUNT);
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
            at += aStep;
            from += bStep;
        }
        c00.intoArray(c, row0);
        c01.intoArray(c, row0 + COUNT);
        c02.intoArray(c, row0 + 2 * COUNT);
        c03.intoArray(c, row0 + 3 * COUNT);
    }

    /** One row by eight vectors, a whole panel of 256 bits: for registers too few for anything larger, and lines read from end to end. */
    static void rows1vectors8(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Short.BYTES;
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
        for (int k = tile.depth; k > 0; k--) {
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
        long bStep = (long) tile.bStep * Short.BYTES;
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

    /** Four rows by two vectors. */
    static void rows4vectors2(Tile tile) {
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
}
