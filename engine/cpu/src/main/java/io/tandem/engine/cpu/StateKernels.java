package io.tandem.engine.cpu;

import static io.tandem.engine.cpu.Lanes.COUNT;
import static io.tandem.engine.cpu.Lanes.FLOATS;
import static io.tandem.engine.cpu.Lanes.VIRTUAL;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dot products of a few queries with states that lie in rows, as the weighted sum wants them, so that they are kept only once.
 *
 * <p>Value i of a row is added to partial sum i modulo 16, in ascending order, and the 16 partial sums are folded as a balanced tree,
 * whatever the width and the shape of the kernel. Accumulators are written out one by one for the reason that
 * {@link FloatKernels} has.
 */
final class StateKernels {

    /** Queries that a kernel takes; where fewer are left there are rows of zeros. */
    static final int QUERIES = 4;

    /** Floats of partial sums that the largest kernel leaves. */
    static final int PARTIALS = 16 * VIRTUAL;

    private static final ByteOrder LITTLE_ENDIAN = ByteOrder.LITTLE_ENDIAN;

    /** States that a kernel takes: with as many accumulators as there are registers for. */
    private static final int STATES = Lanes.MANY_REGISTERS ? 4 : 2;

    /** Folding goes on with four partial sums of each product, at any width. */
    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;

    private StateKernels() {}

    /**
     * All dot products of a group of queries with consecutive states.
     *
     * @param tile a: queries [rows, depth], with {@code aStep} floats from one to the next and rows a multiple of 4; b: states, with
     *     {@code bStep} floats from one to the next; c: the product of query r and state t goes to {@code cOffset + r * cStep + t};
     *     depth is a multiple of 16
     * @param states how many
     * @param partials room for {@link #PARTIALS} floats
     */
    static void multiply(Tile tile, int states, float[] partials) {
        long step = (long) tile.bStep * Float.BYTES;
        for (int state = 0; state < states; state += STATES) {
            int last = Math.min(STATES, states - state) - 1;
            long from = tile.bOffset + state * step;
            for (int row = 0; row < tile.rows; row += QUERIES) {
                int query = tile.aOffset + row * tile.aStep;
                if (Lanes.MANY_REGISTERS) {
                    queries4states4(tile, query, from, last, partials);
                } else {
                    queries4states2(tile, query, from, last, partials);
                }
                fold(partials, QUERIES * STATES);
                for (int i = 0; i < QUERIES; i++) {
                    for (int j = 0; j <= last; j++) {
                        tile.c[tile.cOffset + (row + i) * tile.cStep + state + j] = partials[i * STATES + j];
                    }
                }
            }
        }
    }

    /** Turns 16 partial sums of each of {@code count} products into the products, which come first. */
    private static void fold(float[] partials, int count) {
        for (int i = 0; i < count; i++) {
            int at = i * VIRTUAL;
            FloatVector low =
                    FloatVector.fromArray(FOUR, partials, at).add(FloatVector.fromArray(FOUR, partials, at + 8));
            FloatVector high =
                    FloatVector.fromArray(FOUR, partials, at + 4).add(FloatVector.fromArray(FOUR, partials, at + 12));
            low.add(high).intoArray(partials, 4 * i);
        }
        for (int i = 0; i < count; i++) {
            int at = 4 * i;
            partials[i] = (partials[at] + partials[at + 2]) + (partials[at + 1] + partials[at + 3]);
        }
    }

    /** Four queries by four states; those behind state {@code last} are the last one again. */
    private static void queries4states4(Tile tile, int query, long state, int last, float[] partials) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        int depth = tile.depth;
        int at1 = tile.aStep;
        int at2 = 2 * tile.aStep;
        int at3 = 3 * tile.aStep;
        long step = (long) tile.bStep * Float.BYTES;
        long from1 = Math.min(1, last) * step;
        long from2 = Math.min(2, last) * step;
        long from3 = Math.min(3, last) * step;
        for (int lane = 0; lane < VIRTUAL; lane += COUNT) {
            FloatVector c00 = FloatVector.zero(FLOATS);
            FloatVector c01 = FloatVector.zero(FLOATS);
            FloatVector c02 = FloatVector.zero(FLOATS);
            FloatVector c03 = FloatVector.zero(FLOATS);
            FloatVector c10 = FloatVector.zero(FLOATS);
            FloatVector c11 = FloatVector.zero(FLOATS);
            FloatVector c12 = FloatVector.zero(FLOATS);
            FloatVector c13 = FloatVector.zero(FLOATS);
            FloatVector c20 = FloatVector.zero(FLOATS);
            FloatVector c21 = FloatVector.zero(FLOATS);
            FloatVector c22 = FloatVector.zero(FLOATS);
            FloatVector c23 = FloatVector.zero(FLOATS);
            FloatVector c30 = FloatVector.zero(FLOATS);
            FloatVector c31 = FloatVector.zero(FLOATS);
            FloatVector c32 = FloatVector.zero(FLOATS);
            FloatVector c33 = FloatVector.zero(FLOATS);
            int at = query + lane;
            long from = state + (long) lane * Float.BYTES;
            for (int k = 0; k < depth; k += VIRTUAL) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + from1, LITTLE_ENDIAN);
                FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, b, from + from2, LITTLE_ENDIAN);
                FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, b, from + from3, LITTLE_ENDIAN);
                FloatVector a0 = FloatVector.fromArray(FLOATS, a, at);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                c02 = a0.fma(b2, c02);
                c03 = a0.fma(b3, c03);
                FloatVector a1 = FloatVector.fromArray(FLOATS, a, at + at1);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                c12 = a1.fma(b2, c12);
                c13 = a1.fma(b3, c13);
                FloatVector a2 = FloatVector.fromArray(FLOATS, a, at + at2);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                c22 = a2.fma(b2, c22);
                c23 = a2.fma(b3, c23);
                FloatVector a3 = FloatVector.fromArray(FLOATS, a, at + at3);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                c32 = a3.fma(b2, c32);
                c33 = a3.fma(b3, c33);
                at += VIRTUAL;
                from += VIRTUAL * Float.BYTES;
            }
            c00.intoArray(partials, lane);
            c01.intoArray(partials, VIRTUAL + lane);
            c02.intoArray(partials, 2 * VIRTUAL + lane);
            c03.intoArray(partials, 3 * VIRTUAL + lane);
            c10.intoArray(partials, 4 * VIRTUAL + lane);
            c11.intoArray(partials, 5 * VIRTUAL + lane);
            c12.intoArray(partials, 6 * VIRTUAL + lane);
            c13.intoArray(partials, 7 * VIRTUAL + lane);
            c20.intoArray(partials, 8 * VIRTUAL + lane);
            c21.intoArray(partials, 9 * VIRTUAL + lane);
            c22.intoArray(partials, 10 * VIRTUAL + lane);
            c23.intoArray(partials, 11 * VIRTUAL + lane);
            c30.intoArray(partials, 12 * VIRTUAL + lane);
            c31.intoArray(partials, 13 * VIRTUAL + lane);
            c32.intoArray(partials, 14 * VIRTUAL + lane);
            c33.intoArray(partials, 15 * VIRTUAL + lane);
        }
    }

    /** Four queries by two states; the second is the first again where {@code last} is 0. */
    private static void queries4states2(Tile tile, int query, long state, int last, float[] partials) {
        float[] a = tile.a;
        MemorySegment b = tile.b;
        int depth = tile.depth;
        int at1 = tile.aStep;
        int at2 = 2 * tile.aStep;
        int at3 = 3 * tile.aStep;
        long from1 = (long) last * tile.bStep * Float.BYTES;
        for (int lane = 0; lane < VIRTUAL; lane += COUNT) {
            FloatVector c00 = FloatVector.zero(FLOATS);
            FloatVector c01 = FloatVector.zero(FLOATS);
            FloatVector c10 = FloatVector.zero(FLOATS);
            FloatVector c11 = FloatVector.zero(FLOATS);
            FloatVector c20 = FloatVector.zero(FLOATS);
            FloatVector c21 = FloatVector.zero(FLOATS);
            FloatVector c30 = FloatVector.zero(FLOATS);
            FloatVector c31 = FloatVector.zero(FLOATS);
            int at = query + lane;
            long from = state + (long) lane * Float.BYTES;
            for (int k = 0; k < depth; k += VIRTUAL) {
                FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, b, from, LITTLE_ENDIAN);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, b, from + from1, LITTLE_ENDIAN);
                FloatVector a0 = FloatVector.fromArray(FLOATS, a, at);
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.fromArray(FLOATS, a, at + at1);
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.fromArray(FLOATS, a, at + at2);
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.fromArray(FLOATS, a, at + at3);
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                at += VIRTUAL;
                from += VIRTUAL * Float.BYTES;
            }
            c00.intoArray(partials, lane);
            c01.intoArray(partials, VIRTUAL + lane);
            c10.intoArray(partials, 2 * VIRTUAL + lane);
            c11.intoArray(partials, 3 * VIRTUAL + lane);
            c20.intoArray(partials, 4 * VIRTUAL + lane);
            c21.intoArray(partials, 5 * VIRTUAL + lane);
            c30.intoArray(partials, 6 * VIRTUAL + lane);
            c31.intoArray(partials, 7 * VIRTUAL + lane);
        }
    }
}
