package io.tandem.engine.speculation;

/**
 * How many tokens of one answer are worth guessing: as many as make the most of the step's time, from what guesses cost and from
 * how they turned out. An answer that copies nothing soon pays for nothing, and where steps have no time to give away, nothing is
 * guessed.
 *
 * <p>Mutable; owned by one answer and used by the thread that runs its steps.
 */
public final class GuessPace {

    /** What guesses must bring for their cost: rates are estimates, and prices were measured over a short text. */
    private static final double MARGIN = 1.5;

    /** Weight of the answer's newest guess. */
    private static final double NEWEST = 0.2;

    /** How fast an answer that makes no guesses goes back to what all answers have taught. */
    private static final double FORGETTING = 0.01;

    private final GuessRates all;
    private final double[] rates; // [match - 1]

    /** @param all what the decoder's answers teach each other */
    public GuessPace(GuessRates all) {
        this.all = all;
        this.rates = all.copy();
    }

    /**
     * A step that guesses could be added to.
     *
     * @param prices of steps by their rows
     * @param rows rows that it has without them
     * @param answers of which it writes a token without them
     */
    public record Step(StepPrices prices, int rows, int answers) {}

    /**
     * How many of the guesses that were found are worth verifying, and passes over the others.
     *
     * @param found guesses, 0 or more; the step has a price with all of them
     * @param match tokens that stood alike before the first one, at least 1 if there is one
     */
    public int worth(int found, int match, Step step) {
        double price = step.prices.step(step.rows);
        double most = step.answers / price;
        int guesses = 0;
        double chance = 1;
        double tokens = step.answers;
        for (int count = 1; count <= found; count++) {
            chance *= rates[longer(match, count - 1) - 1];
            tokens += chance;
            double added = Math.max(0, step.prices.step(step.rows + count) - price);
            double pace = tokens / (price + MARGIN * added);
            if (pace > most) {
                most = pace;
                guesses = count;
            }
        }
        if (found > 0 && guesses == 0) {
            passedOver(longer(match, 0));
        }
        return guesses;
    }

    /**
     * Learns how guesses turned out.
     *
     * @param guesses that were verified
     * @param match as they were found
     * @param right how many of them, from the first one on, were right
     */
    public void verified(int guesses, int match, int right) {
        for (int i = 0; i < guesses && i <= right; i++) {
            int length = longer(match, i);
            rates[length - 1] += NEWEST * ((i < right ? 1 : 0) - rates[length - 1]);
            all.tried(length, i < right);
        }
    }

    private void passedOver(int match) {
        all.passedOver(match);
        rates[match - 1] += FORGETTING * (all.rate(match) - rates[match - 1]);
    }

    /** The match before a guess, when so many before it were right. */
    private int longer(int match, int right) {
        return Math.min(match + right, rates.length);
    }
}
