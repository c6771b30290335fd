package io.tandem.engine.speculation;

/**
 * How many tokens of one answer are worth guessing, from how its guesses turned out: an answer that copies nothing soon
 * pays for nothing.
 *
 * <p>The number doubles when all were right and falls behind the first wrong one otherwise. When too few are right in the moving
 * average, guessing pauses; the pause is twice as long each time, until a guess is right. Mutable; owned by one answer and used
 * by the thread that runs its steps.
 */
public final class GuessPace {

    /** A guess makes a step about a fifth longer (270M shape, two cores): with fewer right ones nothing is gained. */
    private static final double LOWEST_RATE = 0.2;

    private static final double FIRST_RATE = 0.5;

    /** Weight of the newest verification in the moving average. */
    private static final double NEWEST = 0.3;

    private static final int FIRST_LIMIT = 4;
    private static final int SHORTEST_PAUSE = 4;
    private static final int LONGEST_PAUSE = 128;

    private final int most;
    private int limit;
    private double rate = FIRST_RATE;
    private int pause;
    private int nextPause = SHORTEST_PAUSE;

    /** @param most guesses for one step; 0: nothing is guessed */
    public GuessPace(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("a step can't have " + most + " guesses");
        }
        this.most = most;
        this.limit = Math.min(FIRST_LIMIT, most);
    }

    /** Guesses to make for the next step at most; each call counts a step of the pause. */
    public int limit() {
        if (pause > 0) {
            pause--;
            return 0;
        }
        return limit;
    }

    /**
     * Learns how guesses turned out.
     *
     * @param guesses that were verified, at least 1
     * @param right how many of them, from the first one on, were right
     */
    public void verified(int guesses, int right) {
        rate += NEWEST * ((double) right / guesses - rate);
        limit = right == guesses ? Math.min(most, 2 * limit) : right + 1;
        if (right > 0) {
            nextPause = SHORTEST_PAUSE;
        }
        if (rate < LOWEST_RATE) {
            pause = nextPause;
            nextPause = Math.min(LONGEST_PAUSE, 2 * nextPause);
            // The first guess after the pause decides about the next one.
            rate = LOWEST_RATE;
        }
    }
}
