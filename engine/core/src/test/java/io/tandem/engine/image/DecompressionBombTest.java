package io.tandem.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tandem.engine.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that ask for a lot of memory or time, and files that are several things at once. */
class DecompressionBombTest {

    private static final int INFLATED = 100_000_000;
    /** Of the declared pixels, some buffers and classes that are loaded meanwhile; far below what the bombs hold. */
    private static final long MOST_ALLOCATED = 40_000_000;

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SIGNATURE_AND_HEADER = 33;
    private static final byte[] BOMB = bomb();
    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.defaults("test.max-pixels"));

    @ParameterizedTest
    @ValueSource(strings = {"zTXt", "iCCP", "iTXt", "fdAT", "zzZz"})
    void chunksBesideThePixelsAreNotInflated(String name) {
        byte[] png = ImageFiles.bytes("two-bit-palette.png");
        byte[] bomb = inserted(png, chunk(name, joined(named("x\0\0"), BOMB)));
        assertDecodesCheaply(bomb, DECODER.decode(png, "image"));
    }

    @Test
    void dataBeyondTheDeclaredPixelsAreNotInflated() {
        byte[] png = png(3, 2, BOMB);
        assertTrue(
                allocatedBy(() -> assertEquals(3, DECODER.decode(png, "image").width())) < MOST_ALLOCATED);
    }

    @Test
    void manySmallChunksAreOnePicture() {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            chunks.writeBytes(chunk("tEXt", named("k\0v")));
        }
        byte[] png = ImageFiles.bytes("two-bit-palette.png");
        assertDecodesCheaply(inserted(png, chunks.toByteArray()), DECODER.decode(png, "image"));
    }

    /** A frame may be larger than the screen that the header declares. */
    @Test
    void framesOfAnAnimationAreMeasuredToo() {
        byte[] gif = ImageFiles.bytes("palette.gif");
        int frame = indexOf(gif, (byte) 0x2c, 13);
        ByteBuffer.wrap(gif)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(frame + 5, (short) 60_000)
                .putShort(frame + 7, (short) 60_000);
        InvalidInputException refusal = assertTimeoutPreemptively(
                LIMIT, () -> assertThrows(InvalidInputException.class, () -> DECODER.decode(gif, "image")));
        assertTrue(refusal.getMessage().contains("limit"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"two-bit-palette.png", "progressive.jpg", "opaque-lossless.webp", "lossy.webp", "palette.gif"})
    void declaredPixelsAreCountedBeforeTheyAreAllocated(String name) {
        ImageDecoder strict = new ImageDecoder(new ImageLimits(100, "test.max-pixels"));
        byte[] file = ImageFiles.bytes(name);
        assertTrue(allocatedBy(() -> assertThrows(InvalidInputException.class, () -> strict.decode(file, "image")))
                < 4_000_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"two-bit-palette.png", "progressive.jpg", "opaque-lossless.webp", "lossy.webp", "palette.gif"})
    void whatFollowsAPictureIsNoPartOfIt(String name) {
        byte[] file = ImageFiles.bytes(name);
        RgbImage alone = DECODER.decode(file, "image");
        for (String second : new String[] {"PK\u0003\u0004 an archive", "%PDF-1.7", "<script>alert(1)</script>"}) {
            assertSame(alone, DECODER.decode(joined(file, named(second)), "image"));
        }
        for (String other : new String[] {"palette.gif", "progressive.jpg", "lossy.webp"}) {
            assertSame(alone, DECODER.decode(joined(file, ImageFiles.bytes(other)), "image"));
        }
    }

    /** What begins as something else is that, whatever stands in it. */
    @ParameterizedTest
    @ValueSource(
            strings = {"%PDF-1.7\n", "<svg xmlns='http://www.w3.org/2000/svg'/>", "PK\u0003\u0004", "\u0000", "MZ"})
    void pictureInsideAnotherFileIsNone(String beginning) {
        byte[] file = joined(named(beginning), ImageFiles.bytes("progressive.jpg"));
        assertThrows(InvalidInputException.class, () -> DECODER.decode(file, "image"));
    }

    private static void assertDecodesCheaply(byte[] file, RgbImage expected) {
        RgbImage[] decoded = new RgbImage[1];
        assertTimeoutPreemptively(LIMIT, () -> {
            long allocated = allocatedBy(() -> decoded[0] = DECODER.decode(file, "image"));
            assertTrue(allocated < MOST_ALLOCATED + 2L * file.length, allocated + " bytes");
        });
        assertSame(expected, decoded[0]);
    }

    private static void assertSame(RgbImage expected, RgbImage actual) {
        assertEquals(expected.width(), actual.width());
        assertArrayEquals(expected.rgb(), actual.rgb());
    }

    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** Zeros, a thousandth of their size. */
    private static byte[] bomb() {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        byte[] zeros = new byte[1 << 20];
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed, new Deflater(9))) {
            for (int left = INFLATED; left > 0; left -= zeros.length) {
                deflater.write(zeros);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return compressed.toByteArray();
    }

    private static byte[] inserted(byte[] png, byte[] chunks) {
        return joined(
                joined(Arrays.copyOf(png, SIGNATURE_AND_HEADER), chunks),
                Arrays.copyOfRange(png, SIGNATURE_AND_HEADER, png.length));
    }

    /** A grey PNG of 8 bits. */
    private static byte[] png(int width, int height, byte[] data) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(new byte[] {8, 0, 0, 0, 0})
                .array();
        byte[] begin = joined(named("\u0089PNG\r\n\u001a\n"), chunk("IHDR", header));
        return joined(joined(begin, chunk("IDAT", data)), chunk("IEND", new byte[0]));
    }

    private static byte[] chunk(String name, byte[] content) {
        CRC32 checksum = new CRC32();
        checksum.update(named(name));
        checksum.update(content);
        return ByteBuffer.allocate(content.length + 12)
                .putInt(content.length)
                .put(named(name))
                .put(content)
                .putInt((int) checksum.getValue())
                .array();
    }

    private static byte[] named(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static int indexOf(byte[] bytes, byte wanted, int from) {
        int i = from;
        while (bytes[i] != wanted) {
            i++;
        }
        return i;
    }
}
