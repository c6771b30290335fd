package io.tandem.encoder.prompt;

import io.tandem.cache.ImageSpan;
import io.tandem.engine.InvalidInputException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Gives the runs of image tokens in a segment to the pictures of the request. Immutable.
 *
 * @param imageToken the token whose embeddings soft tokens replace
 * @param tokensPerImage soft tokens of one view
 */
record ImagePlaces(int imageToken, int tokensPerImage) {

    /**
     * Takes as many pictures as the segment's image tokens need, from the first on.
     *
     * @param waiting pictures that no segment has taken yet
     * @throws InvalidInputException if the image tokens are not exactly those of whole pictures
     */
    SegmentText fill(String field, int[] tokens, Deque<ImageReference> waiting) {
        List<Integer> starts = starts(field, tokens);
        List<ImageReference> taken = new ArrayList<>();
        List<ImageSpan> spans = new ArrayList<>();
        while (spans.size() < starts.size()) {
            ImageReference image = waiting.poll();
            if (image == null || image.views() > starts.size() - spans.size()) {
                int given = ImageReference.views(taken) + (image == null ? 0 : image.views());
                throw new InvalidInputException(
                        field,
                        "it has %d image tokens, the images given for it have %d soft tokens; they must be equal"
                                .formatted(starts.size() * tokensPerImage, given * tokensPerImage));
            }
            for (int view = 0; view < image.views(); view++) {
                spans.add(new ImageSpan(starts.get(spans.size()), tokensPerImage, image.sha256(), view));
            }
            taken.add(image);
        }
        return new SegmentText(field, tokens, List.copyOf(spans), List.copyOf(taken));
    }

    /** Where each view begins: runs of image tokens are whole views, one after the other. */
    private List<Integer> starts(String field, int[] tokens) {
        List<Integer> starts = new ArrayList<>();
        for (int position = 0; position < tokens.length; position++) {
            if (tokens[position] != imageToken) {
                continue;
            }
            int end = position;
            while (end < tokens.length && tokens[end] == imageToken) {
                end++;
            }
            if (tokensPerImage < 1 || (end - position) % tokensPerImage != 0) {
                throw new InvalidInputException(
                        field,
                        "it has %d image tokens from position %d on; a picture has %d"
                                .formatted(end - position, position, tokensPerImage));
            }
            for (int start = position; start < end; start += tokensPerImage) {
                starts.add(start);
            }
            position = end;
        }
        return starts;
    }
}
