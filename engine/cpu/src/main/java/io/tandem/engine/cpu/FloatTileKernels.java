package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Products of tiles of eight rows, one after the other, with the same vectors of fp32 columns: for registers enough to hold 16
 * sums. Starting a tile takes as long as some 30 terms of its sums, so products are best cut deep.
 *
 * <p>Each sum is a chain of fused multiply-adds in the order of k, as in {@link FloatKernels}, and written out for its reason.
 */
final class FloatTileKernels {

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;
    private static final long VECTOR = (long) COUNT * Float.BYTES;

    private FloatTileKernels() {}

    /** Tiles of eight rows by two vectors. */
    static void tilesOf8vectors2(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int i = 0; i < tile.tiles; i++) {
            int row0 = tile.cOffset + i * 8 * tile.cStep;
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
            int at = tile.aOffset + i * tile.aTileStep;
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

    /** Tiles of eight rows by one vector. */
    static void tilesOf8vectors1(Tile tile) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        float[] c = tile.c;
        int aStep = tile.aStep;
        long bStep = (long) tile.bStep * Float.BYTES;
        for (int i = 0; i < tile.tiles; i++) {
            int row0 = tile.cOffset + i * 8 * tile.cStep;
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
            int at = tile.aOffset + i * tile.aTileStep;
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
