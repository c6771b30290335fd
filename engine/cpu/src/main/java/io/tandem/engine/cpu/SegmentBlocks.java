package io.tandem.engine.cpu;

import io.tandem.engine.ops.Segments;
import java.util.Arrays;

/**
 * Segments cut into blocks of tokens. Blocks are counted from the start of each segment, so that what a block holds depends on
 * its own segment only.
 *
 * @param segments what is cut
 * @param size tokens of a block; the last one of a segment may have fewer
 * @param first first block of each segment, and the count of all at the end
 * @param segmentOf segment of each block
 */
record SegmentBlocks(Segments segments, int size, int[] first, int[] segmentOf) {

    static SegmentBlocks of(Segments segments, int size) {
        int[] first = new int[segments.count() + 1];
        for (int i = 0; i < segments.count(); i++) {
            first[i + 1] = first[i] + Math.ceilDiv(segments.length(i), size);
        }
        int[] segmentOf = new int[first[segments.count()]];
        for (int i = 0; i < segments.count(); i++) {
            Arrays.fill(segmentOf, first[i], first[i + 1], i);
        }
        return new SegmentBlocks(segments, size, first, segmentOf);
    }

    int count() {
        return segmentOf.length;
    }

    int segment(int block) {
        return segmentOf[block];
    }

    /** Tokens of the segment that the block belongs to. */
    int segmentLength(int block) {
        return segments.length(segmentOf[block]);
    }

    /** Token of the segment that the block starts with. */
    int token(int block) {
        return (block - first[segmentOf[block]]) * size;
    }

    /** Row of the batch that the block starts with. */
    int row(int block) {
        return segments.start(segmentOf[block]) + token(block);
    }

    /** Tokens of the block. */
    int length(int block) {
        return Math.min(size, segmentLength(block) - token(block));
    }
}
