package io.tandem.encoder.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.cache.ContentKey;
import io.tandem.cache.ImageSpan;
import io.tandem.engine.InvalidInputException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImagePlacesTest {

    private static final int IMAGE = 9;
    private static final ImagePlaces PLACES = new ImagePlaces(IMAGE, 2);

    private final ImageReference whole = image(1, 1);
    private final ImageReference cropped = image(2, 2);

    @Test
    void picturesAndTheirCropsFillTheRunsInOrder() {
        Deque<ImageReference> waiting = new ArrayDeque<>(List.of(whole, cropped));
        int[] tokens = {1, IMAGE, IMAGE, 3, IMAGE, IMAGE, IMAGE, IMAGE, 4};
        SegmentText segment = PLACES.fill("prompt", tokens, waiting);
        assertEquals(
                List.of(
                        new ImageSpan(1, 2, whole.sha256(), 0),
                        new ImageSpan(4, 2, cropped.sha256(), 0),
                        new ImageSpan(6, 2, cropped.sha256(), 1)),
                segment.spans());
        assertEquals(List.of(whole, cropped), segment.images());
        assertEquals(6, segment.imageTokens());
        assertTrue(waiting.isEmpty());
    }

    @Test
    void picturesThatAreNotNeededAreLeftToTheNextSegment() {
        Deque<ImageReference> waiting = new ArrayDeque<>(List.of(whole, cropped));
        PLACES.fill("documents[0].token_ids", new int[] {IMAGE, IMAGE}, waiting);
        assertEquals(List.of(cropped), List.copyOf(waiting));
        assertEquals(
                List.of(),
                PLACES.fill("documents[1].token_ids", new int[] {5}, waiting).images());
        assertEquals(List.of(cropped), List.copyOf(waiting));
    }

    @Test
    void imageTokensThatNoPictureFillsAreRefusedWithBothNumbers() {
        assertEquals(
                "it has 2 image tokens, the images given for it have 0 soft tokens; they must be equal",
                refusal(new int[] {IMAGE, IMAGE}, List.of()));
        assertEquals(
                "it has 2 image tokens, the images given for it have 4 soft tokens; they must be equal",
                refusal(new int[] {IMAGE, IMAGE}, List.of(cropped)));
        assertEquals(
                "it has 3 image tokens from position 1 on; a picture has 2",
                refusal(new int[] {1, IMAGE, IMAGE, IMAGE}, List.of(whole)));
    }

    private static String refusal(int[] tokens, List<ImageReference> images) {
        InvalidInputException refusal = assertThrows(
                InvalidInputException.class, () -> PLACES.fill("prompt", tokens, new ArrayDeque<>(images)));
        assertEquals("prompt", refusal.field());
        return refusal.getMessage();
    }

    private static ImageReference image(int name, int views) {
        byte[] digest = new byte[ContentKey.LENGTH];
        digest[0] = (byte) name;
        return new ImageReference(digest, ContentKey.of(digest), views);
    }
}
