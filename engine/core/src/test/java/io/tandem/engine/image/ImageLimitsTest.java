package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** Sizes are refused by what headers declare, and refusals name both numbers and the setting. */
class ImageLimitsTest {

    private static final String SETTING = "tandem.vision.images.max-pixels";

    @Test
    void refusesMorePixelsThanTheLimitInEveryFormat() {
        ImageDecoder decoder = new ImageDecoder(new ImageLimits(29 * 18 - 1, SETTING));
        for (String name : new String[] {
            "two-bit-palette.png", "progressive.jpg", "opaque-lossless.webp", "lossy.webp", "palette.gif"
        }) {
            InvalidInputException refusal = assertThrows(
                    InvalidInputException.class, () -> decoder.decode(ImageFiles.bytes(name), "images[1]"), name);
            assertEquals("images[1]", refusal.field());
            assertTrue(refusal.getMessage().contains("29 x 18 pixels, 522 in all, limit 521"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(SETTING), refusal.getMessage());
        }
    }

    @Test
    void acceptsExactlyAsManyPixelsAsTheLimit() {
        ImageDecoder decoder = new ImageDecoder(new ImageLimits(29 * 18, SETTING));
        assertEquals(
                29, decoder.decode(ImageFiles.bytes("progressive.jpg"), "image").width());
    }

    @Test
    void refusesZipBombBeforeInflatingIt() throws Exception {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults(SETTING));
        byte[] bomb = png(60_000, 60_000, zeros(50_000_000));
        InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> decoder.decode(bomb, "image"));
        assertTrue(refusal.getMessage().contains("3,600,000,000 in all, limit 40,000,000"), refusal.getMessage());
    }

    @Test
    void inflatesNoMoreThanTheDeclaredPixels() throws Exception {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults(SETTING));
        RgbImage image = decoder.decode(png(3, 2, zeros(50_000_000)), "image");
        assertEquals(3, image.width());
    }

    @Test
    void refusesSidesThatAreTooLongOrNothing() throws Exception {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults(SETTING));
        InvalidInputException tooLong = assertThrows(
                InvalidInputException.class, () -> decoder.decode(png(1, 70_000, zeros(140_000)), "image"));
        assertTrue(tooLong.getMessage().contains("1 x 70,000 pixels, limit for a side 65,535"), tooLong.getMessage());
        InvalidInputException nothing =
                assertThrows(InvalidInputException.class, () -> decoder.decode(png(0, 5, zeros(5)), "image"));
        assertTrue(nothing.getMessage().contains("0 x 5 pixels"), nothing.getMessage());
    }

    @Test
    void refusesOtherFilesByNamingWhatIsAccepted() {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults(SETTING));
        for (byte[] file : new byte[][] {
            {}, {1}, "%PDF-1.7".getBytes(StandardCharsets.US_ASCII), "BM".getBytes(StandardCharsets.US_ASCII)
        }) {
            InvalidInputException refusal =
                    assertThrows(InvalidInputException.class, () -> decoder.decode(file, "image"));
            assertTrue(refusal.getMessage().contains(file.length + " bytes"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains("PNG, JPEG, WebP and GIF"), refusal.getMessage());
        }
    }

    @Test
    void refusesJpegWithTooManyScans() {
        byte[] file = ImageFiles.bytes("progressive.jpg");
        byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 0, 0, 0};
        byte[] many = Arrays.copyOf(file, file.length - 2 + scan.length * JpegContainer.SCAN_LIMIT + 2);
        for (int i = 0; i < JpegContainer.SCAN_LIMIT; i++) {
            System.arraycopy(scan, 0, many, file.length - 2 + i * scan.length, scan.length);
        }
        many[many.length - 2] = (byte) 0xff;
        many[many.length - 1] = (byte) 0xd9;
        InvalidInputException refusal =
                assertThrows(InvalidInputException.class, () -> new ImageDecoder(ImageLimits.defaults(SETTING))
                        .decode(many, "image"));
        assertTrue(refusal.getMessage().contains("more than 100 scans"), refusal.getMessage());
    }

    @Test
    void refusesLimitsThatNoArrayCouldHold() {
        assertThrows(IllegalArgumentException.class, () -> new ImageLimits(0, SETTING));
        assertThrows(IllegalArgumentException.class, () -> new ImageLimits(Integer.MAX_VALUE, SETTING));
    }

    private static byte[] zeros(int length) throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed, new Deflater(1))) {
            deflater.write(new byte[length]);
        }
        return compressed.toByteArray();
    }

    /** A grey PNG of 8 bits that declares a size, whatever its data is. */
    private static byte[] png(int width, int height, byte[] data) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(new byte[] {8, 0, 0, 0, 0})
                .array();
        png.writeBytes(chunk("IHDR", header));
        png.writeBytes(chunk("IDAT", data));
        png.writeBytes(chunk("IEND", new byte[0]));
        return png.toByteArray();
    }

    private static byte[] chunk(String name, byte[] content) {
        CRC32 checksum = new CRC32();
        checksum.update(name.getBytes(StandardCharsets.US_ASCII));
        checksum.update(content);
        return ByteBuffer.allocate(content.length + 12)
                .putInt(content.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .putInt((int) checksum.getValue())
                .array();
    }
}
