package io.tandem.engine.image;

import java.util.Arrays;

/**
 * Reads the coefficients of a macroblock (RFC 6386, section 13) and remembers which neighbours had any.
 *
 * <p>Mutable; used by one thread, for one frame.
 */
final class Vp8Tokens {

    /** Blocks of a macroblock: 16 of luma, 4 of each chroma. */
    static final int BLOCKS = 24;

    private static final int BLOCK_SIZE = 16;

    private static final int CHANCES = 11;

    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7};

    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

    /** Chances of the extra bits of large values, by category from 3 on. */
    private static final int[][] EXTRA_BITS = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    private static final BlockSquare LUMA = new BlockSquare(0, 0, 4);
    private static final BlockSquare CHROMA_U = new BlockSquare(16, 4, 2);
    private static final BlockSquare CHROMA_V = new BlockSquare(20, 6, 2);

    /** Place of the second-order block in what is remembered of neighbours. */
    private static final int SECOND_ORDER = 8;

    /** Of the macroblock last read, by block; overwritten by the next. */
    final int[] coefficients = new int[BLOCKS * BLOCK_SIZE];

    private final int[] chances;
    private final int[][] above; // [macroblocks in a row, 4 luma + 2 + 2 chroma + 1 second-order]
    private final int[] left = new int[SECOND_ORDER + 1];
    private final int[] secondOrder = new int[BLOCK_SIZE];

    Vp8Tokens(int[] chances, int columns) {
        this.chances = chances;
        above = new int[columns][SECOND_ORDER + 1];
    }

    void beginRow() {
        Arrays.fill(left, 0);
    }

    /** Takes note of a macroblock without coefficients. */
    void skip(int column, boolean hasSecondOrder) {
        int kept = hasSecondOrder ? SECOND_ORDER + 1 : SECOND_ORDER;
        Arrays.fill(above[column], 0, kept, 0);
        Arrays.fill(left, 0, kept, 0);
        Arrays.fill(coefficients, 0);
    }

    /** Reads a macroblock's coefficients, dequantized, and says whether any is not 0. */
    boolean read(Vp8BoolDecoder bits, int column, int[] steps, boolean hasSecondOrder) {
        Arrays.fill(coefficients, 0);
        int[] top = above[column];
        if (hasSecondOrder) {
            Arrays.fill(secondOrder, 0);
            int context = top[SECOND_ORDER] + left[SECOND_ORDER];
            BlockKind kind = new BlockKind(1, 0, steps[2], steps[3]);
            int count = readBlock(bits, kind, context, secondOrder, 0);
            top[SECOND_ORDER] = left[SECOND_ORDER] = count > 0 ? 1 : 0;
            Vp8Transform.walshHadamard(secondOrder, coefficients);
        }
        BlockKind lumaKind =
                hasSecondOrder ? new BlockKind(0, 1, steps[0], steps[1]) : new BlockKind(3, 0, steps[0], steps[1]);
        BlockKind chromaKind = new BlockKind(2, 0, steps[4], steps[5]);
        readBlocks(bits, top, LUMA, lumaKind);
        readBlocks(bits, top, CHROMA_U, chromaKind);
        readBlocks(bits, top, CHROMA_V, chromaKind);
        for (int coefficient : coefficients) {
            if (coefficient != 0) {
                return true;
            }
        }
        return false;
    }

    private void readBlocks(Vp8BoolDecoder bits, int[] top, BlockSquare square, BlockKind kind) {
        for (int y = 0; y < square.side; y++) {
            for (int x = 0; x < square.side; x++) {
                int column = square.neighbor + x;
                int row = square.neighbor + y;
                int block = square.block + y * square.side + x;
                int count = readBlock(bits, kind, top[column] + left[row], coefficients, block * BLOCK_SIZE);
                top[column] = left[row] = count > kind.first ? 1 : 0;
            }
        }
    }

    /** Reads one block to {@code offset} of {@code target} and returns the position after its last token. */
    private int readBlock(Vp8BoolDecoder bits, BlockKind kind, int context, int[] target, int offset) {
        int chance = chance(kind.index, kind.first, context);
        for (int n = kind.first; n < BLOCK_SIZE; n++) {
            if (bits.bit(chances[chance]) == 0) {
                return n;
            }
            while (bits.bit(chances[chance + 1]) == 0) {
                n++;
                if (n == BLOCK_SIZE) {
                    return BLOCK_SIZE;
                }
                chance = chance(kind.index, n, 0);
            }
            int value = bits.bit(chances[chance + 2]) == 0 ? 1 : readLarge(bits, chance);
            int step = n > 0 ? kind.otherStep : kind.directStep;
            target[offset + ZIGZAG[n]] = (bits.flag() ? -value : value) * step;
            if (n + 1 < BLOCK_SIZE) {
                chance = chance(kind.index, n + 1, value == 1 ? 1 : 2);
            }
        }
        return BLOCK_SIZE;
    }

    private static int chance(int kind, int position, int context) {
        return ((kind * 8 + BANDS[position]) * 3 + context) * CHANCES;
    }

    private int readLarge(Vp8BoolDecoder bits, int chance) {
        if (bits.bit(chances[chance + 3]) == 0) {
            return bits.bit(chances[chance + 4]) == 0 ? 2 : 3 + bits.bit(chances[chance + 5]);
        }
        if (bits.bit(chances[chance + 6]) == 0) {
            if (bits.bit(chances[chance + 7]) == 0) {
                return 5 + bits.bit(159);
            }
            return 7 + 2 * bits.bit(165) + bits.bit(145);
        }
        int high = bits.bit(chances[chance + 8]);
        int category = 2 * high + bits.bit(chances[chance + 9 + high]);
        int extra = 0;
        for (int probability : EXTRA_BITS[category]) {
            extra = 2 * extra + bits.bit(probability);
        }
        return 3 + (8 << category) + extra;
    }

    /**
     * How the blocks of one kind are read.
     *
     * @param index of the kind in the table of chances
     * @param first position of its first coefficient
     * @param directStep quantizer step of the direct component
     * @param otherStep quantizer step of the others
     */
    private record BlockKind(int index, int first, int directStep, int otherStep) {}

    /**
     * The blocks of one plane in a macroblock.
     *
     * @param block the first of them
     * @param neighbor the first of its places in what is remembered of neighbours
     * @param side blocks along a side
     */
    private record BlockSquare(int block, int neighbor, int side) {}
}
