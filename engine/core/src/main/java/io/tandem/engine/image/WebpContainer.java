package io.tandem.engine.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The only or first frame of a WebP file (RFC 9649). The size is that of the frame itself: what the outer headers declare
 * is not needed, so it can't mislead.
 *
 * @param width pixels, as declared
 * @param height pixels, as declared
 * @param lossy whether the frame is of VP8, else of VP8L
 * @param frame content of its chunk
 * @param alpha content of the alpha chunk of a lossy frame, if it has one
 * @param exif content of the EXIF chunk, if there is one
 */
record WebpContainer(
        int width, int height, boolean lossy, byte[] frame, Optional<byte[]> alpha, Optional<byte[]> exif) {

    private static final int RIFF_HEAD = 12;

    /** A chunk's name and length. */
    private static final int CHUNK_HEAD = 8;

    /** Position, size, duration and flags of an animation's frame, before the chunks inside it. */
    private static final int FRAME_HEAD = 16;

    private static final int SIDE_MASK = 0x3fff;

    private static final String LOSSY = "VP8 ";

    private static final String LOSSLESS = "VP8L";

    private static final byte LOSSLESS_SIGNATURE = 0x2f;

    private static final int LOSSLESS_HEAD = 5;

    static WebpContainer read(byte[] file) throws MalformedImageException {
        ByteSource source = new ByteSource(file);
        long riffLength = source.littleEndian32(4);
        source.require(CHUNK_HEAD, riffLength);
        Map<String, byte[]> chunks = new HashMap<>();
        collect(source, RIFF_HEAD, CHUNK_HEAD + (int) riffLength, chunks);
        Optional<byte[]> exif = Optional.ofNullable(chunks.get("EXIF"));
        if (chunks.containsKey(LOSSLESS)) {
            ByteSource frame = new ByteSource(chunks.get(LOSSLESS));
            long sides = frame.littleEndian32(1);
            int width = (int) (sides & SIDE_MASK) + 1;
            int height = (int) (sides >> 14 & SIDE_MASK) + 1;
            return new WebpContainer(width, height, false, frame.bytes(), Optional.empty(), exif);
        }
        if (chunks.containsKey(LOSSY)) {
            ByteSource frame = new ByteSource(chunks.get(LOSSY));
            int width = frame.littleEndian16(6) & SIDE_MASK;
            int height = frame.littleEndian16(8) & SIDE_MASK;
            return new WebpContainer(width, height, true, frame.bytes(), Optional.ofNullable(chunks.get("ALPH")), exif);
        }
        throw new MalformedImageException("it has neither a VP8 nor a VP8L chunk");
    }

    /** A bare file around the frame, which has to be lossless. */
    BareImage losslessFile() {
        return new BareImage(width, height, riff(frame), exif);
    }

    /**
     * A bare file whose green is the lossless data of an alpha chunk, which lacks only the head that a frame has.
     *
     * @param content the alpha chunk
     */
    BareImage alphaFile(byte[] content) {
        byte[] head = ByteBuffer.allocate(LOSSLESS_HEAD)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(LOSSLESS_SIGNATURE)
                .putInt(height - 1 << 14 | width - 1)
                .array();
        byte[] file = Arrays.copyOf(head, LOSSLESS_HEAD + content.length - 1);
        System.arraycopy(content, 1, file, LOSSLESS_HEAD, content.length - 1);
        return new BareImage(width, height, riff(file), Optional.empty());
    }

    /** Keeps the first chunk of each name, and of an animation the chunks of its first frame. */
    private static void collect(ByteSource source, int begin, int end, Map<String, byte[]> chunks)
            throws MalformedImageException {
        int offset = begin;
        while (offset + CHUNK_HEAD <= end) {
            String name = source.name(offset);
            long length = source.littleEndian32(offset + 4);
            int content = offset + CHUNK_HEAD;
            source.require(content, length);
            int contentEnd = content + (int) length;
            if (!name.equals("ANMF")) {
                chunks.putIfAbsent(name, Arrays.copyOfRange(source.bytes(), content, contentEnd));
            } else if (!chunks.containsKey(LOSSLESS) && !chunks.containsKey(LOSSY)) {
                collect(source, content + FRAME_HEAD, contentEnd, chunks);
            }
            // Chunks begin at even offsets.
            offset = contentEnd + (int) (length & 1);
        }
    }

    private static byte[] riff(byte[] losslessFrame) {
        int padded = losslessFrame.length + (losslessFrame.length & 1);
        return ByteBuffer.allocate(RIFF_HEAD + CHUNK_HEAD + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(4 + CHUNK_HEAD + padded)
                .put(("WEBP" + LOSSLESS).getBytes(StandardCharsets.ISO_8859_1))
                .putInt(losslessFrame.length)
                .put(losslessFrame)
                .array();
    }
}
