package io.tandem.engine.image;

import java.util.Arrays;
import java.util.Optional;

/** What turns a stored picture upright, by the orientation tag of EXIF (CIPA DC-008). */
enum Orientation {
    KEEP(1, false, false, false),
    MIRROR(2, false, true, false),
    HALF_TURN(3, false, true, true),
    FLIP(4, false, false, true),
    TRANSPOSE(5, true, false, false),
    QUARTER_TURN_RIGHT(6, true, false, true),
    TRANSVERSE(7, true, true, true),
    QUARTER_TURN_LEFT(8, true, true, false);

    private static final int TAG = 0x0112;

    private static final int TYPE_SHORT = 3;

    private static final int ENTRY_LENGTH = 12;

    private static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};

    private final int value;
    private final boolean swapsAxes;
    private final boolean reversesColumns;
    private final boolean reversesRows;

    /**
     * Says for a pixel of the upright image where it is in the stored one: its axes swapped, then read from the other end
     * of the stored columns or rows.
     */
    Orientation(int value, boolean swapsAxes, boolean reversesColumns, boolean reversesRows) {
        this.value = value;
        this.swapsAxes = swapsAxes;
        this.reversesColumns = reversesColumns;
        this.reversesRows = reversesRows;
    }

    /**
     * Looks the one tag up in the first directory of a TIFF structure. A library would load every tag, and a block can be
     * made in which thousands of tags share the same 64 KB. A block that breaks the rules says nothing of orientation.
     *
     * @param exif a TIFF structure, with or without the six bytes that precede it in JPEG files
     */
    static Orientation of(Optional<byte[]> exif) {
        try {
            return exif.isEmpty() ? KEEP : find(new ByteSource(withoutPrefix(exif.get())));
        } catch (MalformedImageException e) {
            return KEEP;
        }
    }

    private static byte[] withoutPrefix(byte[] exif) {
        boolean prefixed =
                exif.length >= PREFIX.length && Arrays.equals(exif, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
        return prefixed ? Arrays.copyOfRange(exif, PREFIX.length, exif.length) : exif;
    }

    private static Orientation find(ByteSource tiff) throws MalformedImageException {
        boolean littleEndian = tiff.bigEndian16(0) == 0x4949;
        long directory = littleEndian ? tiff.littleEndian32(4) : tiff.bigEndian32(4);
        if (directory > tiff.length()) {
            return KEEP;
        }
        int entries = unsigned16(tiff, (int) directory, littleEndian);
        for (int i = 0; i < entries; i++) {
            int entry = (int) directory + 2 + i * ENTRY_LENGTH;
            if (unsigned16(tiff, entry, littleEndian) == TAG
                    && unsigned16(tiff, entry + 2, littleEndian) == TYPE_SHORT) {
                int value = unsigned16(tiff, entry + 8, littleEndian);
                return Arrays.stream(values())
                        .filter(orientation -> orientation.value == value)
                        .findFirst()
                        .orElse(KEEP);
            }
        }
        return KEEP;
    }

    private static int unsigned16(ByteSource tiff, int offset, boolean littleEndian) throws MalformedImageException {
        return littleEndian ? tiff.littleEndian16(offset) : tiff.bigEndian16(offset);
    }

    RgbImage turnUpright(RgbImage stored) {
        if (this == KEEP) {
            return stored;
        }
        int width = swapsAxes ? stored.height() : stored.width();
        int height = swapsAxes ? stored.width() : stored.height();
        byte[] from = stored.rgb();
        byte[] upright = new byte[from.length];
        int target = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = swapsAxes ? y : x;
                int row = swapsAxes ? x : y;
                column = reversesColumns ? stored.width() - 1 - column : column;
                row = reversesRows ? stored.height() - 1 - row : row;
                int source = (row * stored.width() + column) * RgbImage.CHANNELS;
                upright[target++] = from[source];
                upright[target++] = from[source + 1];
                upright[target++] = from[source + 2];
            }
        }
        return new RgbImage(width, height, upright);
    }
}
