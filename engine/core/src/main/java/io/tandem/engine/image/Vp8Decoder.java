package io.tandem.engine.image;

import java.util.Arrays;

/**
 * Decodes the key frame of a lossy WebP file (RFC 6386) to the bit as libwebp does, with its interpolation of colours,
 * which the reference's Pillow uses. TwelveMonkeys' decoder of such frames is up to 145 levels off.
 *
 * <p>Mutable; used by one thread, for one frame.
 */
final class Vp8Decoder {

    private static final int LUMA_SIDE = 16;

    private static final int CHROMA_SIDE = 8;

    /** Children of each node: a further node if above 0, else a mode's negative number. */
    private static final int[] BLOCK_MODE_TREE = {
        -Vp8Prediction.DC,
        1,
        -Vp8Prediction.TRUE_MOTION,
        2,
        -Vp8Prediction.VERTICAL,
        3,
        4,
        6,
        -Vp8Prediction.HORIZONTAL,
        5,
        -Vp8Prediction.RIGHT_DOWN,
        -Vp8Prediction.VERTICAL_RIGHT,
        -Vp8Prediction.LEFT_DOWN,
        7,
        -Vp8Prediction.VERTICAL_LEFT,
        8,
        -Vp8Prediction.HORIZONTAL_DOWN,
        -Vp8Prediction.HORIZONTAL_UP
    };

    private final Vp8Header header;
    private final int columns; // macroblocks
    private final int rows;
    private final Vp8Plane luma;
    private final Vp8Plane[] chroma;
    private final Vp8Tokens tokens;
    private final int[] modesAbove; // [4 columns], of 4 x 4 blocks
    private final int[] modesLeft = new int[4];
    private final int[] blockModes = new int[16];
    private final int[] edge = new int[13];
    private final byte[] filterLevels; // [rows, columns]
    private final boolean[] filtersInside; // [rows, columns]

    private Vp8Decoder(byte[] frame) throws MalformedImageException {
        header = new Vp8Header(new ByteSource(frame));
        columns = Math.ceilDiv(header.width, LUMA_SIDE);
        rows = Math.ceilDiv(header.height, LUMA_SIDE);
        luma = new Vp8Plane(columns * LUMA_SIDE, rows * LUMA_SIDE);
        chroma = new Vp8Plane[] {
            new Vp8Plane(columns * CHROMA_SIDE, rows * CHROMA_SIDE),
            new Vp8Plane(columns * CHROMA_SIDE, rows * CHROMA_SIDE)
        };
        tokens = new Vp8Tokens(header.tokenChances, columns);
        modesAbove = new int[4 * columns];
        filterLevels = new byte[rows * columns];
        filtersInside = new boolean[rows * columns];
    }

    /** Decodes the content of a {@code VP8} chunk, whose size has been checked. */
    static RgbImage decode(byte[] frame) throws MalformedImageException {
        Vp8Decoder decoder = new Vp8Decoder(frame);
        // Prediction looks at unfiltered neighbours, so filtering waits until the frame is complete.
        for (int row = 0; row < decoder.rows; row++) {
            decoder.decodeRow(row);
        }
        decoder.filter();
        return Vp8Colors.toRgb(decoder.header.width, decoder.header.height, decoder.luma, decoder.chroma);
    }

    private void decodeRow(int row) {
        Vp8BoolDecoder partition = header.tokens[row % header.tokens.length];
        tokens.beginRow();
        Arrays.fill(modesLeft, Vp8Prediction.DC);
        for (int column = 0; column < columns; column++) {
            decodeMacroblock(row, column, partition);
        }
    }

    private void decodeMacroblock(int row, int column, Vp8BoolDecoder partition) {
        Vp8BoolDecoder modes = header.modes;
        int segment = header.updatesSegments ? readSegment(modes) : 0;
        boolean skipped = header.skips && modes.bit(header.skipChance) == 1;
        boolean whole = modes.bit(145) == 1;
        int wholeMode = Vp8Prediction.DC;
        if (whole) {
            wholeMode = readWholeMode(modes, column);
        } else {
            readBlockModes(modes, column);
        }
        int chromaMode = readChromaMode(modes);
        boolean anything = false;
        if (skipped) {
            tokens.skip(column, whole);
        } else {
            anything = tokens.read(partition, column, header.steps[segment], whole);
        }
        reconstructLuma(row, column, whole, wholeMode);
        for (int i = 0; i < chroma.length; i++) {
            int x = column * CHROMA_SIDE;
            int y = row * CHROMA_SIDE;
            Vp8Prediction.square(chroma[i], chromaMode, x, y, CHROMA_SIDE);
            for (int block = 0; block < 4; block++) {
                int at = chroma[i].at(x + block % 2 * 4, y + block / 2 * 4);
                Vp8Transform.addCosine(tokens.coefficients, (16 + 4 * i + block) * 16, chroma[i], at);
            }
        }
        int index = row * columns + column;
        filterLevels[index] = (byte) header.filterLevels[segment][whole ? 0 : 1];
        filtersInside[index] = anything || !whole;
    }

    private int readSegment(Vp8BoolDecoder modes) {
        return modes.bit(header.segmentChances[0]) == 0
                ? modes.bit(header.segmentChances[1])
                : 2 + modes.bit(header.segmentChances[2]);
    }

    private int readWholeMode(Vp8BoolDecoder modes, int column) {
        int mode;
        if (modes.bit(156) == 1) {
            mode = modes.bit(128) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
        } else {
            mode = modes.bit(163) == 1 ? Vp8Prediction.VERTICAL : Vp8Prediction.DC;
        }
        Arrays.fill(modesAbove, 4 * column, 4 * column + 4, mode);
        Arrays.fill(modesLeft, mode);
        return mode;
    }

    private void readBlockModes(Vp8BoolDecoder modes, int column) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                int chances = (modesAbove[4 * column + x] * 10 + modesLeft[y]) * 9;
                int mode = readBlockMode(modes, chances);
                modesAbove[4 * column + x] = mode;
                modesLeft[y] = mode;
                blockModes[4 * y + x] = mode;
            }
        }
    }

    private static int readBlockMode(Vp8BoolDecoder modes, int chances) {
        int node = 0;
        do {
            node = BLOCK_MODE_TREE[2 * node + modes.bit(Vp8Tables.BLOCK_MODES[chances + node])];
        } while (node > 0);
        return -node;
    }

    private static int readChromaMode(Vp8BoolDecoder modes) {
        if (modes.bit(142) == 0) {
            return Vp8Prediction.DC;
        }
        if (modes.bit(114) == 0) {
            return Vp8Prediction.VERTICAL;
        }
        return modes.bit(183) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
    }

    private void reconstructLuma(int row, int column, boolean whole, int mode) {
        int left = column * LUMA_SIDE;
        int top = row * LUMA_SIDE;
        if (whole) {
            Vp8Prediction.square(luma, mode, left, top, LUMA_SIDE);
        }
        for (int block = 0; block < 16; block++) {
            int x = left + block % 4 * 4;
            int y = top + block / 4 * 4;
            if (!whole) {
                fillEdge(x, y, row, column);
                Vp8Prediction.block(luma, blockModes[block], luma.at(x, y), edge);
            }
            Vp8Transform.addCosine(tokens.coefficients, block * 16, luma, luma.at(x, y));
        }
    }

    private void fillEdge(int x, int y, int row, int column) {
        for (int i = 0; i < 4; i++) {
            edge[3 - i] = luma.get(luma.at(x - 1, y + i));
            edge[5 + i] = luma.get(luma.at(x + i, y - 1));
        }
        edge[4] = luma.get(luma.at(x - 1, y - 1));
        // Right of the macroblock only the row above it is known: all four rows of blocks take it from there.
        boolean atRight = x % LUMA_SIDE == 12;
        int above = atRight ? row * LUMA_SIDE - 1 : y - 1;
        boolean beyondImage = atRight && column == columns - 1 && row > 0;
        for (int i = 0; i < 4; i++) {
            edge[9 + i] = luma.get(beyondImage ? luma.at(x + 3, above) : luma.at(x + 4 + i, above));
        }
    }

    private void filter() {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int index = row * columns + column;
                if (filterLevels[index] == 0) {
                    continue;
                }
                Vp8LoopFilter filter = Vp8LoopFilter.of(filterLevels[index], header.sharpness);
                boolean inside = filtersInside[index];
                int x = column * LUMA_SIDE;
                int y = row * LUMA_SIDE;
                if (header.simpleFilter) {
                    filter.simple(luma, x, y, inside);
                } else {
                    filter.normal(luma, x, y, LUMA_SIDE, inside);
                    filter.normal(chroma[0], x / 2, y / 2, CHROMA_SIDE, inside);
                    filter.normal(chroma[1], x / 2, y / 2, CHROMA_SIDE, inside);
                }
            }
        }
    }
}
