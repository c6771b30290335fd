package io.tandem.engine.image;

import java.util.Optional;

/**
 * What its container says of an image, and the container again without everything that decoding does not need: comments,
 * thumbnails, compressed texts and colour profiles never reach a decoder, as the reference heeds none of them.
 *
 * @param width pixels, as declared
 * @param height pixels, as declared
 * @param file the image in the same format, bare
 * @param exif the TIFF structure of its EXIF block; none where there is none
 */
record BareImage(int width, int height, byte[] file, Optional<byte[]> exif) {}
