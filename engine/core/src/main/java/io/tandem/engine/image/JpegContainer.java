package io.tandem.engine.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads the segments of a JPEG file (ITU T.81) up to its first scan and keeps those that its pixels are made of. Which
 * colours the components stand for is decided here by libjpeg's rules, as the decoder gives components as they are.
 *
 * <p>Mutable; used by one thread, for one file.
 */
final class JpegContainer {

    /** Decoding a progressive file costs a pass over the image for each scan; usual files have at most 14. */
    static final int SCAN_LIMIT = 100;

    private static final int START_OF_SCAN = 0xda;

    private static final int END_OF_IMAGE = 0xd9;

    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.ISO_8859_1);

    /** Byte of an Adobe segment's content that says how its colours were transformed. */
    private static final int ADOBE_TRANSFORM = 11;

    private final ByteSource source;
    private final ByteArrayOutputStream bare;
    private int width;
    private int height;
    private byte[] componentIds = {};
    private boolean jfif;
    private Optional<Integer> adobeTransform = Optional.empty();
    private Optional<byte[]> exif = Optional.empty();

    private JpegContainer(byte[] file) {
        source = new ByteSource(file);
        bare = new ByteArrayOutputStream(file.length);
    }

    static JpegContainer read(byte[] file) throws MalformedImageException {
        JpegContainer container = new JpegContainer(file);
        container.readSegments();
        return container;
    }

    BareImage image() {
        return new BareImage(width, height, bare.toByteArray(), exif);
    }

    JpegColors colors() throws MalformedImageException {
        boolean adobe = adobeTransform.isPresent();
        int transform = adobeTransform.orElse(-1);
        return switch (componentIds.length) {
            case 1 -> JpegColors.GREY;
            case 3 -> {
                boolean rgb = adobe ? transform == 0 : Arrays.equals(componentIds, new byte[] {'R', 'G', 'B'});
                yield rgb && !jfif ? JpegColors.RGB : JpegColors.YCBCR;
            }
            case 4 -> {
                if (!adobe) {
                    yield JpegColors.CMYK;
                }
                yield transform == 0 ? JpegColors.INVERTED_CMYK : JpegColors.INVERTED_YCCK;
            }
            default ->
                throw new MalformedImageException(
                        "it has %d components; only 1, 3 and 4 are supported", componentIds.length);
        };
    }

    private void readSegments() throws MalformedImageException {
        bare.write(source.bytes(), 0, 2);
        int offset = 2;
        while (true) {
            if (source.unsigned8(offset) != 0xff) {
                throw new MalformedImageException("there is no marker at byte %,d", offset);
            }
            int marker = source.unsigned8(offset + 1);
            if (marker == 0xff) {
                offset++; // Any number of fill bytes may stand before a marker.
                continue;
            }
            if (marker == START_OF_SCAN) {
                break;
            }
            if (marker == END_OF_IMAGE) {
                throw new MalformedImageException("it ends before its first scan");
            }
            int length = source.bigEndian16(offset + 2);
            source.require(offset + 2, length);
            readSegment(marker, offset, length);
            offset += 2 + length;
        }
        if (componentIds.length == 0) {
            throw new MalformedImageException("it has no frame header before its first scan");
        }
        keepScans(offset);
    }

    private void readSegment(int marker, int offset, int length) throws MalformedImageException {
        int content = offset + 4;
        boolean application = marker >= 0xe0 && marker <= 0xef;
        boolean comment = marker == 0xfe;
        if (application) {
            readApplicationSegment(marker, content, offset + 2 + length);
        } else if (!comment) {
            bare.write(source.bytes(), offset, 2 + length);
        }
        // Among the frame headers' markers are those of Huffman tables, of an extension and of arithmetic coding.
        boolean frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame) {
            readFrameHeader(content);
        }
    }

    private void readFrameHeader(int content) throws MalformedImageException {
        if (componentIds.length != 0) {
            throw new MalformedImageException("it has two frame headers");
        }
        height = source.bigEndian16(content + 1);
        width = source.bigEndian16(content + 3);
        componentIds = new byte[source.unsigned8(content + 5)];
        for (int i = 0; i < componentIds.length; i++) {
            componentIds[i] = (byte) source.unsigned8(content + 6 + 3 * i);
        }
    }

    private void readApplicationSegment(int marker, int content, int end) throws MalformedImageException {
        if (marker == 0xe0 && begins(content, end, JFIF)) {
            jfif = true;
        } else if (marker == 0xe1 && begins(content, end, EXIF) && exif.isEmpty()) {
            exif = Optional.of(Arrays.copyOfRange(source.bytes(), content + EXIF.length, end));
        } else if (marker == 0xee && begins(content, end, ADOBE) && end > content + ADOBE_TRANSFORM) {
            adobeTransform = Optional.of(source.unsigned8(content + ADOBE_TRANSFORM));
        }
    }

    private boolean begins(int content, int end, byte[] magic) {
        int magicEnd = content + magic.length;
        return magicEnd <= end && Arrays.equals(source.bytes(), content, magicEnd, magic, 0, magic.length);
    }

    /** Keeps everything up to the end of the image; what follows, such as a phone's second picture, is dropped. */
    private void keepScans(int begin) throws MalformedImageException {
        byte[] bytes = source.bytes();
        int scans = 0;
        for (int i = begin; i + 1 < bytes.length; i++) {
            if (bytes[i] != (byte) 0xff) {
                continue;
            }
            int marker = bytes[i + 1] & 0xff;
            if (marker == START_OF_SCAN && ++scans > SCAN_LIMIT) {
                throw new MalformedImageException("it has more than %d scans", SCAN_LIMIT);
            }
            if (marker == END_OF_IMAGE) {
                bare.write(bytes, begin, i + 2 - begin);
                return;
            }
        }
        throw new MalformedImageException("it is truncated: no end of the image in its %,d bytes", bytes.length);
    }
}
