package io.tandem.routing;

import java.util.List;
import java.util.Optional;

/**
 * The choice of an instance: requests about the same content go to the same one, unless it is loaded far above the mean. Rendezvous
 * hashing, with the load bound of Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2016).
 */
public final class Rendezvous {

    private Rendezvous() {}

    /**
     * Chooses for one more request; takes time in proportion to the candidates.
     *
     * @param content {@link Scores#hash} of its key
     * @return empty when there is no candidate
     */
    public static <C extends Candidate> Optional<C> choose(long content, List<C> candidates, LoadBound bound) {
        int load = 1;
        for (C candidate : candidates) {
            load += candidate.inFlight();
        }
        double limit = bound.of(load, Math.max(1, candidates.size()));
        C best = null;
        long bestScore = 0;
        for (C candidate : candidates) {
            if (candidate.inFlight() < limit) {
                long score = Scores.score(content, candidate.hash());
                if (best == null || score > bestScore) {
                    best = candidate;
                    bestScore = score;
                }
            }
        }
        return Optional.ofNullable(best);
    }
}
