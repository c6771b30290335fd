package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Equal inputs have equal keys, and everything that decides a value is part of its key. */
class ContentKeysTest {
    private static final byte[] CAT = digest(1);
    private static final byte[] DOG = digest(2);
    private static final int[] TOKENS = {2, 10, 11, 9, 9, 9, 12, 13};

    private final ContentKeys keys = ContentKeys.of("model", "cpu-f32", "tenant");

    @Test
    void equalInputsHaveEqualKeys() {
        ContentKeys same = ContentKeys.of("model", "cpu-f32", new byte[] {'t', 'e', 'n', 'a', 'n', 't'});
        List<ImageSpan> images = List.of(new ImageSpan(3, 3, CAT, 1));
        assertEquals(keys.segment(TOKENS, images), same.segment(TOKENS.clone(), images));
        assertEquals(keys.image(CAT), same.image(CAT.clone()));
        assertEquals(
                keys.segment(TOKENS, images).hashCode(),
                same.segment(TOKENS, images).hashCode());
    }

    @Test
    void everyIngredientChangesTheKey() {
        Map<ContentKey, String> seen = new HashMap<>();
        List<ImageSpan> cat = List.of(new ImageSpan(3, 3, CAT));
        Map.of("model", keys, "other model", ContentKeys.of("model2", "cpu-f32", "tenant"))
                .forEach((name, scope) -> distinct(seen, name, scope.segment(TOKENS, cat)));
        distinct(
                seen, "numerics", ContentKeys.of("model", "cuda-bf16", "tenant").segment(TOKENS, cat));
        distinct(seen, "tenant", ContentKeys.of("model", "cpu-f32", "tenant2").segment(TOKENS, cat));
        distinct(seen, "no tenant", ContentKeys.of("model", "cpu-f32", "").segment(TOKENS, cat));
        distinct(
                seen,
                "parts moved",
                ContentKeys.of("modelcpu-", "f32", "tenant").segment(TOKENS, cat));
        distinct(seen, "no image", keys.segment(TOKENS, List.of()));
        distinct(seen, "image", keys.segment(TOKENS, List.of(new ImageSpan(3, 3, DOG))));
        distinct(seen, "view", keys.segment(TOKENS, List.of(new ImageSpan(3, 3, CAT, 1))));
        distinct(seen, "image place", keys.segment(TOKENS, List.of(new ImageSpan(4, 3, CAT))));
        distinct(seen, "image length", keys.segment(TOKENS, List.of(new ImageSpan(3, 2, CAT))));
        distinct(seen, "two views", keys.segment(TOKENS, List.of(new ImageSpan(3, 1, CAT), new ImageSpan(4, 2, CAT))));
        distinct(seen, "image keys", keys.image(CAT));
        distinct(seen, "other image", keys.image(DOG));
        distinct(
                seen,
                "image model",
                ContentKeys.of("model2", "cpu-f32", "tenant").image(CAT));
        distinct(
                seen,
                "image tenant",
                ContentKeys.of("model", "cpu-f32", "tenant2").image(CAT));
    }

    @Test
    void everyTextTokenChangesTheKey() {
        Map<ContentKey, String> seen = new HashMap<>();
        List<ImageSpan> images = List.of(new ImageSpan(3, 3, CAT));
        distinct(seen, "as it is", keys.segment(TOKENS, images));
        for (int position : new int[] {0, 1, 2, 6, 7}) {
            int[] changed = TOKENS.clone();
            changed[position] ^= 1 << 16;
            distinct(seen, "token " + position, keys.segment(changed, images));
        }
        int[] longer = Arrays.copyOf(TOKENS, TOKENS.length + 1);
        distinct(seen, "a zero more", keys.segment(longer, images));
    }

    @Test
    void anImagesDigestStandsInPlaceOfItsSoftTokens() {
        int[] otherPlaceholders = {2, 10, 11, 7, 0, -1, 12, 13};
        List<ImageSpan> images = List.of(new ImageSpan(3, 3, CAT));
        assertEquals(keys.segment(TOKENS, images), keys.segment(otherPlaceholders, images));
        assertNotEquals(keys.segment(TOKENS, List.of()), keys.segment(otherPlaceholders, List.of()));
    }

    /** Tokens chosen so that, written one after another, a text run and an image run have the same bytes. */
    @Test
    void textCannotSpellAnImage() {
        byte[] zeros = new byte[32];
        Map<ContentKey, String> seen = new HashMap<>();
        for (int length = 0; length <= 24; length++) {
            distinct(seen, length + " zeros", keys.segment(new int[length], List.of()));
            for (int run = 1; run <= length; run++) {
                for (int start = 0; start + run <= length; start++) {
                    distinct(
                            seen,
                            length + " with " + run + " at " + start,
                            keys.segment(new int[length], List.of(new ImageSpan(start, run, zeros))));
                }
            }
        }
        assertTrue(seen.size() > 2500, "keys: " + seen.size());
    }

    @Test
    void spansThatOverlapOrLeaveTheTokensAreRefused() {
        ImageSpan first = new ImageSpan(0, 4, CAT);
        assertThrows(
                IllegalArgumentException.class, () -> keys.segment(TOKENS, List.of(first, new ImageSpan(3, 2, DOG))));
        assertThrows(
                IllegalArgumentException.class, () -> keys.segment(TOKENS, List.of(new ImageSpan(5, 2, DOG), first)));
        assertThrows(IllegalArgumentException.class, () -> keys.segment(TOKENS, List.of(new ImageSpan(6, 3, CAT))));
        assertThrows(
                IllegalArgumentException.class,
                () -> keys.segment(TOKENS, List.of(new ImageSpan(Integer.MAX_VALUE, Integer.MAX_VALUE, CAT))));
        assertThrows(IllegalArgumentException.class, () -> keys.image(new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> new ImageSpan(0, 0, CAT));
        assertThrows(IllegalArgumentException.class, () -> new ImageSpan(0, 1, new byte[20]));
    }

    /** Pins the key's bytes: a change here makes every stored state unfindable, and has to raise FORMAT_VERSION. */
    @Test
    void keysStayTheSameFromReleaseToRelease() {
        assertEquals(
                "037a3885656d50447daf95ff8d24f364e58fc09c95ffa5f1b8f35018fc36b6fe",
                keys.segment(TOKENS, List.of(new ImageSpan(3, 3, CAT))).toString());
        assertEquals(
                "76e8494135e1e808cbddf8f6c5861255f63e3960d603bb80ac47da6791901eed",
                keys.image(CAT).toString());
    }

    private static void distinct(Map<ContentKey, String> seen, String name, ContentKey key) {
        String other = seen.put(key, name);
        assertEquals(null, other, () -> name + " has the key of " + other);
    }

    private static byte[] digest(int fill) {
        byte[] digest = new byte[32];
        Arrays.fill(digest, (byte) fill);
        return digest;
    }
}
