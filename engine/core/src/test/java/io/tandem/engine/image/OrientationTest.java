package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** EXIF blocks that are broken; the eight orientations are tested on files. */
class OrientationTest {

    @Test
    void keepsPictureWhoseExifIsBroken() {
        byte[][] blocks = {
            {},
            {'M', 'M'},
            {'M', 'M', 0, 42, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            {'M', 'M', 0, 42, 0, 0, 0, 8, (byte) 0xff, (byte) 0xff},
            {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0}
        };
        for (byte[] block : blocks) {
            assertEquals(Orientation.KEEP, Orientation.of(Optional.of(block)));
        }
        assertEquals(Orientation.KEEP, Orientation.of(Optional.empty()));
    }
}
