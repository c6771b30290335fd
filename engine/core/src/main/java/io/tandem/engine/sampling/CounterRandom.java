package io.tandem.engine.sampling;

/**
 * Random numbers by counter: a pure function of seed and position, so that a draw does not depend on what was drawn
 * before it. SplitMix64's output function (Steele, Lea and Flood 2014) over a hashed seed.
 */
final class CounterRandom {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1p-53;

    private CounterRandom() {}

    /** A number in [0, 1), a multiple of 2^-53. */
    static double uniform(long seed, long position) {
        // Hashing the seed first keeps the streams of neighbouring seeds from being shifts of each other.
        long state = mix(seed + GOLDEN_GAMMA) + position * GOLDEN_GAMMA;
        return (mix(state) >>> 11) * UNIT;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
