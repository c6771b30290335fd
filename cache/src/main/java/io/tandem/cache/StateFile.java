package io.tandem.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * One state in one file: 8 bytes that name the format, the content key, the manifest's length (4 bytes, big-endian), the
 * manifest with its checksum and that of every chunk, and the values as fp32 little-endian, row after row.
 */
final class StateFile {
    /** "TMSTATE" and the layout's version. */
    private static final long MAGIC = 0x544D_5354_4154_4501L;

    private static final int HEADER = Long.BYTES + ContentKey.LENGTH + Integer.BYTES;

    private StateFile() {}

    /** Length of the file of a state, in bytes. */
    static long length(StateManifest manifest) {
        return HEADER + StateCodec.manifestLength(manifest.chunkCount()) + manifest.byteLength();
    }

    /**
     * Writes a state from the position on.
     *
     * @param state at its first row
     * @throws StateLostException if a chunk is gone meanwhile
     */
    static void write(FileChannel file, ContentKey key, StateReader state) throws IOException {
        StateManifest manifest = state.manifest();
        byte[] encoded = StateCodec.encode(manifest);
        ByteBuffer header = ByteBuffer.allocate(HEADER + encoded.length)
                .putLong(MAGIC)
                .put(key.toBytes())
                .putInt(encoded.length)
                .put(encoded)
                .flip();
        writeAll(file, header);
        float[] values = new float[manifest.rowsIn(0) * manifest.columns()];
        byte[] bytes = new byte[values.length * Float.BYTES];
        for (int rows = state.next(values); rows >= 0; rows = state.next(values)) {
            int floats = rows * manifest.columns();
            StateCodec.encodeFloats(values, 0, floats, bytes, 0);
            writeAll(file, ByteBuffer.wrap(bytes, 0, floats * Float.BYTES));
        }
    }

    /**
     * Reads what the file says of itself, and checks its length.
     *
     * @throws DamagedFileException if it is not a whole file of this state
     */
    static StateManifest readManifest(FileChannel file, ContentKey key) throws IOException {
        ByteBuffer header = ByteBuffer.wrap(readAll(file, HEADER));
        if (header.getLong() != MAGIC) {
            throw new DamagedFileException("it is no state, or one of another version");
        }
        byte[] name = new byte[ContentKey.LENGTH];
        header.get(name);
        if (!Arrays.equals(name, key.toBytes())) {
            throw new DamagedFileException("it holds another state");
        }
        int manifestLength = header.getInt();
        if (manifestLength < 0 || manifestLength > file.size() - HEADER) {
            throw new DamagedFileException("its manifest is longer than the file");
        }
        StateManifest manifest = StateCodec.decodeManifest(readAll(file, manifestLength))
                .orElseThrow(() -> new DamagedFileException("its manifest has a wrong checksum"));
        if (file.size() != length(manifest)) {
            throw new DamagedFileException("it has " + file.size() + " bytes instead of " + length(manifest));
        }
        return manifest;
    }

    /**
     * Hands the values over, each chunk once it is checked; the position is where {@link #readManifest} left it.
     *
     * @throws DamagedFileException if a checksum is wrong; what was handed over before is good
     */
    static void readValues(FileChannel file, StateManifest manifest, StateWriter into) throws IOException {
        float[] values = new float[manifest.rowsIn(0) * manifest.columns()];
        for (int chunk = 0; chunk < manifest.chunkCount(); chunk++) {
            int floats = manifest.rowsIn(chunk) * manifest.columns();
            byte[] bytes = readAll(file, floats * Float.BYTES);
            if (StateCodec.checksum(bytes, bytes.length) != manifest.checksum(chunk)) {
                throw new DamagedFileException(
                        "chunk " + chunk + " of " + manifest.chunkCount() + " has a wrong checksum");
            }
            StateCodec.decodeFloats(bytes, 0, values, floats);
            into.append(values, 0, manifest.rowsIn(chunk));
        }
    }

    private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private static byte[] readAll(FileChannel file, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes) < 0) {
                throw new DamagedFileException("it ends after " + file.size() + " bytes");
            }
        }
        return bytes.array();
    }
}
