package io.tandem.engine.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this JVM; constants, because C2 makes instructions of vectors only when it knows their species. */
final class Lanes {

    /** System property that forces the width in bits: 128, 256 or 512; without it the machine's best. */
    static final String WIDTH_PROPERTY = "tandem.cpu.vector-bits";

    /** Lanes of the virtual layout that horizontal sums are made in, whatever the real width is. */
    static final int VIRTUAL = 16;

    static final VectorSpecies<Float> FLOATS = floats();

    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /** As many shorts as {@link #FLOATS} has lanes: half its width. */
    static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    static final int COUNT = FLOATS.length();

    /** Whether a kernel may hold 16 accumulators: the AVX-512 register file has 32 vectors, older ones have 16. */
    static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

    private Lanes() {}

    private static VectorSpecies<Float> floats() {
        Integer bits = Integer.getInteger(WIDTH_PROPERTY);
        int width = bits == null ? Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512) : bits;
        return switch (width) {
            case 128 -> FloatVector.SPECIES_128;
            case 256 -> FloatVector.SPECIES_256;
            case 512 -> FloatVector.SPECIES_512;
            default ->
                throw new IllegalArgumentException(
                        "%s is %d; it must be 128, 256 or 512".formatted(WIDTH_PROPERTY, width));
        };
    }

    /** {@code count} rounded up to whole multiples of {@code unit}. */
    static int roundUp(int count, int unit) {
        return Math.multiplyExact(Math.ceilDiv(count, unit), unit);
    }

    /** Largest multiple of the vector length that is not above {@code count}. */
    static int vectorEnd(int count) {
        return FLOATS.loopBound(count);
    }
}
