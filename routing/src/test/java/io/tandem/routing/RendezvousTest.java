package io.tandem.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RendezvousTest {

    private static final LoadBound BOUND = new LoadBound(1.25, 8);

    /** Someone with a name and so much to do. */
    private record Named(String name, int inFlight) implements Candidate {
        @Override
        public long hash() {
            return hashOf(name);
        }
    }

    @Test
    void candidateWithTheHighestScoreIsChosen() {
        List<Named> candidates = candidates(5, 0);
        for (int key = 0; key < 100; key++) {
            long content = hashOf("key " + key);
            Named chosen = Rendezvous.choose(content, candidates, BOUND).orElseThrow();
            long best = candidates.stream()
                    .mapToLong(one -> Scores.score(content, one.hash()))
                    .max()
                    .orElseThrow();
            assertEquals(best, Scores.score(content, chosen.hash()));
        }
    }

    @Test
    void orderOfTheCandidatesDoesNotMatter() {
        List<Named> candidates = candidates(7, 0);
        for (int key = 0; key < 100; key++) {
            long content = hashOf("key " + key);
            assertEquals(
                    Rendezvous.choose(content, candidates, BOUND),
                    Rendezvous.choose(content, candidates.reversed(), BOUND));
        }
    }

    @Test
    void whoIsLoadedAboveTheBoundIsPassedOver() {
        Named loaded = new Named("a", 8);
        for (int key = 0; key < 100; key++) {
            long content = hashOf("key " + key);
            assertEquals(
                    "b",
                    Rendezvous.choose(content, List.of(loaded, new Named("b", 0)), BOUND)
                            .orElseThrow()
                            .name());
        }
        // 1.25 times the mean of 21 requests, with the new one, over two is 14.
        List<Named> busy = List.of(new Named("a", 13), new Named("b", 7));
        assertTrue(IntStream.range(0, 100).anyMatch(key -> Rendezvous.choose(hashOf("key " + key), busy, BOUND)
                .orElseThrow()
                .name()
                .equals("a")));
    }

    @Test
    void nobodyIsChosenAmongNobody() {
        assertEquals(Optional.empty(), Rendezvous.choose(1, List.of(), BOUND));
    }

    /** Gateways of two versions share decoders during an update: the hash may not change. */
    @Test
    void hashIsFnvWithAFinalizer() {
        assertEquals(0xf52a15e9a9b5e89bL, Scores.hash(new byte[0]));
        assertEquals(0xf4e7bb8af2c9aaa9L, hashOf("decoder"));
    }

    @Test
    void loadFactorBelowTheMeanIsRefused() {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> new LoadBound(0.9, 8));
        assertTrue(refused.getMessage().contains("tandem.gateway.routing.load-factor is 0.9"), refused.getMessage());
    }

    private static List<Named> candidates(int count, int inFlight) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Named("decoder " + i, inFlight))
                .toList();
    }

    private static long hashOf(String name) {
        return Scores.hash(name.getBytes(StandardCharsets.UTF_8));
    }
}
