package io.tandem.engine.image;

import java.util.Arrays;

/**
 * What precedes the macroblocks of a VP8 key frame (RFC 6386, section 9.2 to 9.11).
 *
 * <p>Mutable while it is read; used by one thread.
 */
final class Vp8Header {

    static final int SEGMENTS = 4;

    private static final int FRAME_HEAD = 10;

    final int width;
    final int height;
    final Vp8BoolDecoder modes;
    final Vp8BoolDecoder[] tokens;
    final int[] tokenChances = Vp8Tables.TOKENS.clone();

    boolean updatesSegments;
    final int[] segmentChances = {255, 255, 255};
    boolean simpleFilter;
    int sharpness;
    boolean skips;
    int skipChance;
    /** Loop filter levels, {@code [segment, 0: whole, 1: 4 x 4 prediction]}. */
    final int[][] filterLevels = new int[SEGMENTS][2];
    /** Quantizer steps by segment: luma DC and AC, second-order DC and AC, chroma DC and AC. */
    final int[][] steps = new int[SEGMENTS][];

    private boolean segmented;
    private boolean absolute = true;
    private final int[] segmentQuantizers = new int[SEGMENTS];
    private final int[] segmentFilters = new int[SEGMENTS];

    /** Reads a frame's header. */
    Vp8Header(ByteSource frame) throws MalformedImageException {
        int tag = frame.littleEndian24(0);
        if ((tag & 1) != 0 || frame.littleEndian24(3) != 0x2a019d) {
            throw new MalformedImageException("its VP8 data does not begin with a key frame");
        }
        width = frame.littleEndian16(6) & 0x3fff;
        height = frame.littleEndian16(8) & 0x3fff;
        int firstLength = tag >> 5;
        frame.require(FRAME_HEAD, firstLength);
        int firstEnd = FRAME_HEAD + firstLength;
        modes = new Vp8BoolDecoder(frame.bytes(), FRAME_HEAD, firstEnd);
        modes.literal(2); // Colour space and clamping: a still has no choice.
        readSegments();
        readFilter();
        tokens = readPartitions(frame, firstEnd);
        readQuantizers();
        modes.flag(); // Whether later frames keep the chances; there are none.
        for (int i = 0; i < tokenChances.length; i++) {
            if (modes.bit(Vp8Tables.TOKEN_UPDATES[i]) == 1) {
                tokenChances[i] = modes.literal(8);
            }
        }
        skips = modes.flag();
        skipChance = skips ? modes.literal(8) : 0;
    }

    private void readSegments() {
        segmented = modes.flag();
        if (!segmented) {
            return;
        }
        updatesSegments = modes.flag();
        if (modes.flag()) {
            absolute = modes.flag();
            Arrays.setAll(segmentQuantizers, i -> modes.optionalSigned(7));
            Arrays.setAll(segmentFilters, i -> modes.optionalSigned(6));
        }
        if (updatesSegments) {
            Arrays.setAll(segmentChances, i -> modes.flag() ? modes.literal(8) : 255);
        }
    }

    private void readFilter() {
        simpleFilter = modes.flag();
        int level = modes.literal(6);
        sharpness = modes.literal(3);
        int intraDelta = 0;
        int blockDelta = 0;
        boolean hasDeltas = modes.flag();
        if (hasDeltas && modes.flag()) {
            int[] deltas = new int[8]; // by reference frame, then by mode; a still uses the first of each
            Arrays.setAll(deltas, i -> modes.optionalSigned(6));
            intraDelta = deltas[0];
            blockDelta = deltas[4];
        }
        if (level == 0) {
            return;
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int base = segmented ? segmentFilters[segment] + (absolute ? 0 : level) : level;
            filterLevels[segment][0] = Math.clamp(base + intraDelta, 0, 63);
            filterLevels[segment][1] = Math.clamp(base + intraDelta + blockDelta, 0, 63);
        }
    }

    private Vp8BoolDecoder[] readPartitions(ByteSource frame, int firstEnd) throws MalformedImageException {
        Vp8BoolDecoder[] partitions = new Vp8BoolDecoder[1 << modes.literal(2)];
        int begin = firstEnd + 3 * (partitions.length - 1);
        for (int i = 0; i < partitions.length; i++) {
            boolean last = i == partitions.length - 1;
            int length = last ? frame.length() - begin : frame.littleEndian24(firstEnd + 3 * i);
            frame.require(begin, Math.max(0, length));
            partitions[i] = new Vp8BoolDecoder(frame.bytes(), begin, begin + length);
            begin += length;
        }
        return partitions;
    }

    private void readQuantizers() {
        int base = modes.literal(7);
        int[] deltas = new int[5]; // luma DC, second-order DC and AC, chroma DC and AC
        Arrays.setAll(deltas, i -> modes.optionalSigned(4));
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int index = segmented ? segmentQuantizers[segment] + (absolute ? 0 : base) : base;
            steps[segment] = new int[] {
                Vp8Tables.DC_STEPS[Math.clamp(index + deltas[0], 0, 127)],
                Vp8Tables.AC_STEPS[Math.clamp(index, 0, 127)],
                2 * Vp8Tables.DC_STEPS[Math.clamp(index + deltas[1], 0, 127)],
                Math.max(8, Vp8Tables.AC_STEPS[Math.clamp(index + deltas[2], 0, 127)] * 155 / 100),
                Vp8Tables.DC_STEPS[Math.clamp(index + deltas[3], 0, 117)],
                Vp8Tables.AC_STEPS[Math.clamp(index + deltas[4], 0, 127)]
            };
        }
    }
}
