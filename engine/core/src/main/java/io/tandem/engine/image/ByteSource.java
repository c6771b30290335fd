package io.tandem.engine.image;

import java.nio.charset.StandardCharsets;

/** Numbers at offsets of a file that may end anywhere: reading past its end is a complaint about the file. */
record ByteSource(byte[] bytes) {

    int length() {
        return bytes.length;
    }

    int unsigned8(int offset) throws MalformedImageException {
        require(offset, 1);
        return bytes[offset] & 0xff;
    }

    int bigEndian16(int offset) throws MalformedImageException {
        return unsigned8(offset) << 8 | unsigned8(offset + 1);
    }

    int littleEndian16(int offset) throws MalformedImageException {
        return unsigned8(offset + 1) << 8 | unsigned8(offset);
    }

    int littleEndian24(int offset) throws MalformedImageException {
        return unsigned8(offset + 2) << 16 | littleEndian16(offset);
    }

    long bigEndian32(int offset) throws MalformedImageException {
        return (long) bigEndian16(offset) << 16 | bigEndian16(offset + 2);
    }

    long littleEndian32(int offset) throws MalformedImageException {
        return (long) littleEndian16(offset + 2) << 16 | littleEndian16(offset);
    }

    /** Four characters, as chunks are named. */
    String name(int offset) throws MalformedImageException {
        require(offset, 4);
        return new String(bytes, offset, 4, StandardCharsets.ISO_8859_1);
    }

    /** Refuses a file in which fewer than {@code count} bytes follow from {@code offset} on. */
    void require(int offset, long count) throws MalformedImageException {
        if (offset < 0 || offset > bytes.length || count > bytes.length - offset) {
            throw new MalformedImageException(
                    "it is truncated: %,d bytes are needed from byte %,d on, it has %,d in all",
                    count, offset, bytes.length);
        }
    }
}
