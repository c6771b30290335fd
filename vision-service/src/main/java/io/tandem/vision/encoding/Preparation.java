package io.tandem.vision.encoding;

import io.tandem.engine.InvalidInputException;
import io.tandem.engine.image.ImageDecoder;
import io.tandem.engine.image.ImageProcessor;
import io.tandem.engine.image.PreparedImage;

/**
 * From a file to what the tower reads. Immutable, thread-safe.
 *
 * @param decoder reads files
 * @param processor resizes, normalises and crops as the checkpoint wants it
 */
public record Preparation(ImageDecoder decoder, ImageProcessor processor) {

    /** What stands for the public request's field: one picture may have come in by several requests at once. */
    private static final String ANY_FIELD = "image";

    /** @throws InvalidInputException if the file is no sound image, or too large a one; its field means nothing */
    PreparedImage prepare(byte[] file) {
        return processor.prepare(decoder.decode(file, ANY_FIELD));
    }
}
