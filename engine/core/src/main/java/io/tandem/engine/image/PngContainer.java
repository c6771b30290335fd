package io.tandem.engine.image;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/** Reads the chunks of a PNG file (ISO/IEC 15948) and keeps those that its pixels are made of. */
final class PngContainer {

    private static final int SIGNATURE_LENGTH = 8;

    /** A chunk's length and name. */
    private static final int CHUNK_HEAD = 8;

    private static final int CHECKSUM_LENGTH = 4;

    private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    private PngContainer() {}

    static BareImage read(byte[] file) throws MalformedImageException {
        ByteSource source = new ByteSource(file);
        if (!source.name(SIGNATURE_LENGTH + 4).equals("IHDR")) {
            throw new MalformedImageException("its first chunk is not IHDR");
        }
        int width = side(source, SIGNATURE_LENGTH + CHUNK_HEAD);
        int height = side(source, SIGNATURE_LENGTH + CHUNK_HEAD + 4);
        ByteArrayOutputStream bare = new ByteArrayOutputStream(file.length);
        bare.write(file, 0, SIGNATURE_LENGTH);
        Optional<byte[]> exif = Optional.empty();
        String name = "";
        for (int offset = SIGNATURE_LENGTH; !name.equals("IEND"); ) {
            long length = source.bigEndian32(offset);
            source.require(offset, CHUNK_HEAD + length + CHECKSUM_LENGTH);
            int end = offset + CHUNK_HEAD + (int) length + CHECKSUM_LENGTH;
            name = source.name(offset + 4);
            if (KEPT.contains(name)) {
                refuseWrongChecksum(source, offset, end, name);
                bare.write(file, offset, end - offset);
            } else if (name.equals("eXIf")) {
                exif = Optional.of(Arrays.copyOfRange(file, offset + CHUNK_HEAD, end - CHECKSUM_LENGTH));
            }
            offset = end;
        }
        return new BareImage(width, height, bare.toByteArray(), exif);
    }

    private static int side(ByteSource source, int offset) throws MalformedImageException {
        long side = source.bigEndian32(offset);
        if (side > Integer.MAX_VALUE) {
            throw new MalformedImageException("a side of %,d pixels is more than PNG allows", side);
        }
        return (int) side;
    }

    private static void refuseWrongChecksum(ByteSource source, int offset, int end, String name)
            throws MalformedImageException {
        CRC32 checksum = new CRC32();
        int covered = end - CHECKSUM_LENGTH - (offset + 4);
        checksum.update(source.bytes(), offset + 4, covered);
        if (checksum.getValue() != source.bigEndian32(end - CHECKSUM_LENGTH)) {
            throw new MalformedImageException("the checksum of its chunk %s is wrong", name);
        }
    }
}
