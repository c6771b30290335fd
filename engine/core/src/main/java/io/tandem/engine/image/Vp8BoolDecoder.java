package io.tandem.engine.image;

/**
 * The arithmetic decoder of VP8 (RFC 6386, section 7). Past the end of its bytes it reads zeros, as the format asks.
 *
 * <p>Mutable; used by one thread, for one partition.
 */
final class Vp8BoolDecoder {

    private final byte[] bytes;
    private final int end;
    private int next;
    private long value; // its low bits + 8 are those already fetched
    private int bits; // fetched bits below the 8 that are compared
    private int range = 255;

    Vp8BoolDecoder(byte[] bytes, int begin, int end) {
        this.bytes = bytes;
        this.end = end;
        next = begin;
        bits = -8;
    }

    /** A bit that is 0 with a chance of {@code probability / 256}. */
    int bit(int probability) {
        while (bits < 0) {
            value = value << 8 | (next < end ? bytes[next] & 0xff : 0);
            next++;
            bits += 8;
        }
        int split = 1 + ((range - 1) * probability >> 8);
        long threshold = (long) split << bits;
        int bit;
        if (value >= threshold) {
            value -= threshold;
            range -= split;
            bit = 1;
        } else {
            range = split;
            bit = 0;
        }
        int shift = Integer.numberOfLeadingZeros(range) - 24;
        range <<= shift;
        bits -= shift;
        return bit;
    }

    boolean flag() {
        return bit(128) == 1;
    }

    /** An unsigned number, highest bit first. */
    int literal(int length) {
        int literal = 0;
        for (int i = 0; i < length; i++) {
            literal = literal << 1 | bit(128);
        }
        return literal;
    }

    /** A magnitude and then its sign. */
    int signed(int length) {
        int magnitude = literal(length);
        return flag() ? -magnitude : magnitude;
    }

    /** As {@link #signed}, if a flag says that there is one; otherwise 0. */
    int optionalSigned(int length) {
        return flag() ? signed(length) : 0;
    }
}
