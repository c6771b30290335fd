package io.tandem.engine.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.SequencedMap;

/**
 * One safetensors file, mapped read-only and checked against the format; immutable, any thread may read it until the
 * arena it was opened in closes.
 *
 * <p>The file must not be shortened while it is mapped: the JVM then throws {@link InternalError} at the next access.
 */
final class SafetensorsFile {

    /** What the format itself allows. */
    static final long HEADER_LIMIT = 100_000_000;

    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final SequencedMap<String, SafetensorsEntry> entries;
    private final MemorySegment data;

    private SafetensorsFile(Path path, SequencedMap<String, SafetensorsEntry> entries, MemorySegment data) {
        this.path = path;
        this.entries = Collections.unmodifiableSequencedMap(entries);
        this.data = data;
    }

    /**
     * Maps a file and checks its header; no tensor is read.
     *
     * @param arena how long the mapping lives
     * @throws CheckpointException when the file can't be read or breaks the format
     */
    static SafetensorsFile open(Path path, Arena arena) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new CheckpointException("%s: is %d bytes long, the header length alone takes %d; is it truncated?"
                        .formatted(path, size, Long.BYTES));
            }
            return parse(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
        } catch (NoSuchFileException e) {
            throw new CheckpointException(path + ": is missing", e);
        } catch (IOException e) {
            throw new CheckpointException(path + ": can't be read: " + e.getMessage(), e);
        }
    }

    private static SafetensorsFile parse(Path path, MemorySegment file) {
        long length = file.get(LENGTH, 0);
        if (Long.compareUnsigned(length, HEADER_LIMIT) > 0) {
            throw new CheckpointException("%s: header length is %s bytes, the format allows %d"
                    .formatted(path, Long.toUnsignedString(length), HEADER_LIMIT));
        }
        MemorySegment rest = file.asSlice(Long.BYTES);
        if (length > rest.byteSize()) {
            throw new CheckpointException("%s: header length is %d bytes, only %d follow; is the file truncated?"
                    .formatted(path, length, rest.byteSize()));
        }
        MemorySegment data = rest.asSlice(length);
        byte[] json = rest.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        return new SafetensorsFile(path, SafetensorsHeader.parse(path, json, data.byteSize()), data);
    }

    Path path() {
        return path;
    }

    /** All tensors by the names they have in the file, in the order of the header. */
    SequencedMap<String, SafetensorsEntry> entries() {
        return entries;
    }

    /** The bytes of one of this file's tensors, little-endian and row-major. */
    MemorySegment data(SafetensorsEntry entry) {
        return data.asSlice(entry.begin(), entry.end() - entry.begin());
    }
}
