package io.tandem.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of stored states: keys of entries, manifests, and rows as fp32 little-endian.
 *
 * <p>A manifest is stored under the state's content key, a chunk under content key, generation and chunk number, so
 * the two never meet and no two writes share a chunk. Keys are big-endian, values little-endian.
 */
final class StateCodec {
    /** The first four bytes of a stored manifest; its last digit is the layout's version. */
    private static final int MANIFEST_MAGIC = 0x544D_4601;

    /** Length of a chunk's key in bytes: content key, generation, chunk number. */
    static final int CHUNK_KEY_LENGTH = ContentKey.LENGTH + Long.BYTES + Integer.BYTES;

    private static final int MANIFEST_HEADER = 4 * Integer.BYTES + Long.BYTES + Integer.BYTES;

    private StateCodec() {}

    /** Returns the key of a state's manifest, 32 bytes. */
    static byte[] manifestKey(ContentKey key) {
        return key.toBytes();
    }

    /** Returns the key of one chunk, 44 bytes. */
    static byte[] chunkKey(ContentKey key, long generation, int chunk) {
        return ByteBuffer.allocate(CHUNK_KEY_LENGTH)
                .put(key.toBytes())
                .putLong(generation)
                .putInt(chunk)
                .array();
    }

    /** Whether an entry's key names a manifest rather than a chunk. */
    static boolean isManifestKey(byte[] key) {
        return key.length == ContentKey.LENGTH;
    }

    /** Returns a manifest's bytes, the last four of which are their own CRC32C. */
    static byte[] encode(StateManifest manifest) {
        ByteBuffer bytes = littleEndian(new byte[manifestLength(manifest.chunkCount())]);
        bytes.putInt(MANIFEST_MAGIC)
                .putInt(manifest.rows())
                .putInt(manifest.columns())
                .putInt(manifest.rowsPerChunk())
                .putLong(manifest.generation())
                .putInt(manifest.chunkCount());
        for (int checksum : manifest.checksums()) {
            bytes.putInt(checksum);
        }
        bytes.putInt(checksum(bytes.array(), bytes.position()));
        return bytes.array();
    }

    /** Reads a manifest; empty if the bytes are not exactly what {@link #encode} made. */
    static Optional<StateManifest> decodeManifest(byte[] encoded) {
        int body = encoded.length - Integer.BYTES;
        ByteBuffer bytes = littleEndian(encoded);
        if (body < MANIFEST_HEADER
                || bytes.getInt(body) != checksum(encoded, body)
                || bytes.getInt() != MANIFEST_MAGIC) {
            return Optional.empty();
        }
        int rows = bytes.getInt();
        int columns = bytes.getInt();
        int rowsPerChunk = bytes.getInt();
        long generation = bytes.getLong();
        int[] checksums = new int[bytes.getInt()];
        for (int chunk = 0; chunk < checksums.length; chunk++) {
            checksums[chunk] = bytes.getInt();
        }
        return Optional.of(new StateManifest(rows, columns, rowsPerChunk, generation, checksums));
    }

    /** Length in bytes of the manifest of a state with so many chunks. */
    static int manifestLength(int chunks) {
        return MANIFEST_HEADER + (chunks + 1) * Integer.BYTES;
    }

    /** Writes {@code count} floats of {@code values} from {@code offset} on to {@code bytes} from {@code start} on. */
    static void encodeFloats(float[] values, int offset, int count, byte[] bytes, int start) {
        littleEndian(bytes).position(start).asFloatBuffer().put(values, offset, count);
    }

    /** Reads {@code count} floats from {@code bytes} from {@code start} on to the beginning of {@code into}. */
    static void decodeFloats(byte[] bytes, int start, float[] into, int count) {
        littleEndian(bytes).position(start).asFloatBuffer().get(into, 0, count);
    }

    /** CRC32C of the first {@code length} bytes. */
    static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
