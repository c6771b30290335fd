package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The stored bytes: their layout, and that a damaged manifest is never believed. */
class StateCodecTest {
    private static final StateManifest MANIFEST =
            new StateManifest(300, 640, 204, 0x0123_4567_89AB_CDEFL, new int[] {-1, 0x7FFF_FFFF});

    @Test
    void floatsAreLittleEndian() {
        byte[] bytes = new byte[9];
        StateCodec.encodeFloats(new float[] {5, 1.0f, -2.5f}, 1, 2, bytes, 1);
        assertArrayEquals(new byte[] {0, 0, 0, (byte) 0x80, 0x3F, 0, 0, 0x20, (byte) 0xC0}, bytes);
        float[] decoded = new float[3];
        StateCodec.decodeFloats(bytes, 1, decoded, 2);
        assertArrayEquals(new float[] {1.0f, -2.5f, 0}, decoded);
    }

    @Test
    void aManifestIsReadBack() {
        byte[] encoded = StateCodec.encode(MANIFEST);
        assertEquals(StateCodec.manifestLength(2), encoded.length);
        assertEquals(Optional.of(MANIFEST), StateCodec.decodeManifest(encoded));
    }

    @Test
    void aManifestWithAnyBitChangedOrAnyByteMissingIsRefused() {
        byte[] encoded = StateCodec.encode(MANIFEST);
        for (int bit = 0; bit < encoded.length * 8; bit++) {
            byte[] damaged = encoded.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertTrue(StateCodec.decodeManifest(damaged).isEmpty(), "bit " + bit);
        }
        for (int length = 0; length < encoded.length; length++) {
            assertTrue(StateCodec.decodeManifest(Arrays.copyOf(encoded, length)).isEmpty(), "length " + length);
        }
        assertTrue(StateCodec.decodeManifest(Arrays.copyOf(encoded, encoded.length + 4))
                .isEmpty());
    }

    @Test
    void checksumIsCrc32c() {
        assertEquals(0xE3069283, StateCodec.checksum("123456789.".getBytes(StandardCharsets.UTF_8), 9));
    }

    @Test
    void keysOfManifestsAndChunksDiffer() {
        ContentKey key = States.key(1);
        assertTrue(StateCodec.isManifestKey(StateCodec.manifestKey(key)));
        assertTrue(!StateCodec.isManifestKey(StateCodec.chunkKey(key, 1, 0)));
        assertTrue(!Arrays.equals(StateCodec.chunkKey(key, 1, 0), StateCodec.chunkKey(key, 1, 1)));
        assertTrue(!Arrays.equals(StateCodec.chunkKey(key, 1, 0), StateCodec.chunkKey(key, 2, 0)));
    }
}
