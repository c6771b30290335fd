package io.tandem.engine.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the chunks of a WebP file (RFC 9649) and makes a still of its only or first frame. The size is that of the frame
 * itself: what the outer headers declare is not needed, so it can't mislead.
 */
final class WebpContainer {

    private static final int RIFF_HEAD = 12;

    /** A chunk's name and length. */
    private static final int CHUNK_HEAD = 8;

    /** Position, size, duration and flags of an animation's frame, before the chunks inside it. */
    private static final int FRAME_HEAD = 16;

    private static final int ALPHA_FLAG = 0x10;

    private static final int SIDE_MASK = 0x3fff;

    private WebpContainer() {}

    static BareImage read(byte[] file) throws MalformedImageException {
        ByteSource source = new ByteSource(file);
        long riffLength = source.littleEndian32(4);
        source.require(CHUNK_HEAD, riffLength);
        Map<String, byte[]> chunks = new HashMap<>();
        collect(source, RIFF_HEAD, CHUNK_HEAD + (int) riffLength, chunks);
        Optional<byte[]> exif = Optional.ofNullable(chunks.get("EXIF"));
        if (chunks.containsKey("VP8L")) {
            ByteSource frame = new ByteSource(chunks.get("VP8L"));
            long sides = frame.littleEndian32(1);
            int width = (int) (sides & SIDE_MASK) + 1;
            int height = (int) (sides >> 14 & SIDE_MASK) + 1;
            return new BareImage(width, height, riff(chunk("VP8L", frame.bytes())), exif);
        }
        if (chunks.containsKey("VP8 ")) {
            ByteSource frame = new ByteSource(chunks.get("VP8 "));
            int width = frame.littleEndian16(6) & SIDE_MASK;
            int height = frame.littleEndian16(8) & SIDE_MASK;
            byte[] picture = chunk("VP8 ", frame.bytes());
            byte[] alpha = chunks.get("ALPH");
            byte[] bare = alpha == null ? riff(picture) : riff(alphaHead(width, height), chunk("ALPH", alpha), picture);
            return new BareImage(width, height, bare, exif);
        }
        throw new MalformedImageException("it has neither a VP8 nor a VP8L chunk");
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
            } else if (!chunks.containsKey("VP8L") && !chunks.containsKey("VP8 ")) {
                collect(source, content + FRAME_HEAD, contentEnd, chunks);
            }
            // Chunks begin at even offsets.
            offset = contentEnd + (int) (length & 1);
        }
    }

    private static byte[] alphaHead(int width, int height) {
        ByteBuffer head = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(ALPHA_FLAG);
        // Two 24-bit sides; both fit 14 bits, so the third byte of each is 0.
        head.putShort((short) (width - 1)).put((byte) 0);
        head.putShort((short) (height - 1)).put((byte) 0);
        return chunk("VP8X", head.array());
    }

    private static byte[] chunk(String name, byte[] content) {
        return ByteBuffer.allocate(CHUNK_HEAD + content.length + (content.length & 1))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(name.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(content.length)
                .put(content)
                .array();
    }

    private static byte[] riff(byte[]... chunks) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes("WEBP".getBytes(StandardCharsets.ISO_8859_1));
        for (byte[] chunk : chunks) {
            content.writeBytes(chunk);
        }
        return chunk("RIFF", content.toByteArray());
    }
}
