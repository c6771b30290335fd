package io.tandem.encoder.prompt;

import io.tandem.cache.ImageSpan;
import java.util.List;

/**
 * What is encoded in one pass and kept under one key: a document or the prompt. Immutable.
 *
 * @param field the public request's field that it came from
 * @param tokens [tokens], with image tokens where soft tokens go; not to be changed
 * @param spans the runs of image tokens, one for each view of each picture
 * @param images the pictures that fill them, in order
 */
public record SegmentText(String field, int[] tokens, List<ImageSpan> spans, List<ImageReference> images) {

    /** Soft tokens among the tokens. */
    public int imageTokens() {
        return spans.stream().mapToInt(ImageSpan::length).sum();
    }
}
