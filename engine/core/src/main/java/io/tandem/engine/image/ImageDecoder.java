package io.tandem.engine.image;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import io.tandem.engine.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes an image file that anybody may have made: PNG, JPEG, WebP or GIF (of animations the first frame) becomes opaque
 * RGB, turned upright, with transparency over white. Immutable.
 *
 * <p>Differs from the reference in one place: 16-bit grey is scaled to 8 bits where Pillow clips it at 255. Like the
 * reference it heeds neither gamma nor colour profiles.
 */
public final class ImageDecoder {

    private static final int GIF_SIZE_OFFSET = 6;

    private final ImageLimits limits;

    public ImageDecoder(ImageLimits limits) {
        this.limits = Objects.requireNonNull(limits);
    }

    /**
     * Decodes a file that is wholly in memory; nothing is written anywhere.
     *
     * @param file the file's bytes
     * @param field what to call the image in a refusal, as the public API names it, such as {@code images[0]}
     * @throws InvalidInputException if it is not a sound image of an accepted format, or is too large
     */
    public RgbImage decode(byte[] file, String field) {
        if (file.length == 0) {
            throw new InvalidInputException(field, "the image has 0 bytes; " + ImageFormat.ACCEPTED);
        }
        ImageFormat format = ImageFormat.of(file)
                .orElseThrow(() -> new InvalidInputException(
                        field,
                        "the %d bytes are not an image of a known format; %s"
                                .formatted(file.length, ImageFormat.ACCEPTED)));
        try {
            return decode(format, file, field);
        } catch (MalformedImageException e) {
            throw new InvalidInputException(
                    field, "the image can't be read as %s: %s".formatted(format.title(), e.getMessage()), e);
        } catch (InvalidInputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The decoders answer broken data with whatever exception it happens to cause.
            throw new InvalidInputException(
                    field,
                    "the image can't be read as %s: the data in its %d bytes is corrupt or of an unsupported kind"
                            .formatted(format.title(), file.length),
                    e);
        }
    }

    private RgbImage decode(ImageFormat format, byte[] file, String field) throws IOException {
        return switch (format) {
            case PNG -> decodeBare(format, PngContainer.read(file), field);
            case WEBP -> decodeWebp(WebpContainer.read(file), field);
            case JPEG -> decodeJpeg(JpegContainer.read(file), field);
            case GIF -> {
                ByteSource source = new ByteSource(file);
                int width = source.littleEndian16(GIF_SIZE_OFFSET);
                int height = source.littleEndian16(GIF_SIZE_OFFSET + 2);
                yield decodeBare(format, new BareImage(width, height, file, Optional.empty()), field);
            }
        };
    }

    private RgbImage decodeBare(ImageFormat format, BareImage image, String field) throws IOException {
        refuseTooLarge(image.width(), image.height(), field);
        return withReader(format, image, reader -> {
            // A frame of a GIF has a size of its own.
            refuseTooLarge(reader.getWidth(0), reader.getHeight(0), field);
            return Pixels.of(reader.read(0));
        });
    }

    private RgbImage decodeWebp(WebpContainer webp, String field) throws IOException {
        refuseTooLarge(webp.width(), webp.height(), field);
        if (!webp.lossy()) {
            return decodeBare(ImageFormat.WEBP, webp.losslessFile(), field);
        }
        RgbImage image = Vp8Decoder.decode(webp.frame());
        if (webp.alpha().isPresent()) {
            byte[] content = webp.alpha().get();
            if (!WebpAlpha.isCompressed(content)) {
                WebpAlpha.layOverWhite(image, content, i -> content[i + 1]);
            } else {
                byte[] levels = decodeBare(ImageFormat.WEBP, webp.alphaFile(content), field)
                        .rgb();
                WebpAlpha.layOverWhite(image, content, i -> levels[i * RgbImage.CHANNELS + 1]);
            }
        }
        return Orientation.of(webp.exif()).turnUpright(image);
    }

    private RgbImage decodeJpeg(JpegContainer container, String field) throws IOException {
        BareImage image = container.image();
        refuseTooLarge(image.width(), image.height(), field);
        JpegColors colors = container.colors();
        return withReader(ImageFormat.JPEG, image, reader -> Pixels.of(reader.readRaster(0, null), colors));
    }

    private void refuseTooLarge(int width, int height, String field) {
        String size = String.format(Locale.ROOT, "the image is %,d x %,d pixels", width, height);
        if (width < 1 || height < 1) {
            throw new InvalidInputException(field, size + "; both must be at least 1");
        }
        if (width > ImageLimits.MAX_SIDE || height > ImageLimits.MAX_SIDE) {
            throw new InvalidInputException(
                    field,
                    String.format(Locale.ROOT, "%s, limit for a side %,d; scale it down", size, ImageLimits.MAX_SIDE));
        }
        long pixels = (long) width * height;
        if (pixels > limits.maxPixels()) {
            throw new InvalidInputException(
                    field,
                    String.format(
                            Locale.ROOT,
                            "%s, %,d in all, limit %,d; scale it down or raise %s",
                            size,
                            pixels,
                            limits.maxPixels(),
                            limits.setting()));
        }
    }

    private static RgbImage withReader(ImageFormat format, BareImage image, Decoding decoding) throws IOException {
        ImageReader reader = reader(format);
        // Never ImageIO.createImageInputStream, which may cache in a file.
        try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(image.file()))) {
            reader.setInput(input, true, true);
            return Orientation.of(image.exif()).turnUpright(decoding.decode(reader));
        } finally {
            reader.dispose();
        }
    }

    /** The JDK's own readers, whatever others are on the class path, and for lossless WebP the one that we ship. */
    private static ImageReader reader(ImageFormat format) throws IOException {
        if (format == ImageFormat.WEBP) {
            return new WebPImageReaderSpi().createReaderInstance(null);
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.title());
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageIO.class.getModule()) {
                return reader;
            }
        }
        throw new IllegalStateException("this JDK has no reader for " + format.title());
    }

    /** What to do with a reader that has its input. */
    @FunctionalInterface
    private interface Decoding {
        RgbImage decode(ImageReader reader) throws IOException;
    }
}
