package io.tandem.engine.speculation;

/**
 * How often guesses of one decoder turn out right, as moving averages over all its answers: an answer begins with what others
 * have taught. There is one for each number of tokens that matched before the guess, since a longer match is far likelier to
 * go on.
 *
 * <p>Mutable; owned by a decoder and used by the thread that runs its steps.
 */
public final class GuessRates {

    /** What an untaught decoder believes of guesses behind 1, 2 or 3 matching tokens. */
    private static final double[] FIRST = {0.3, 0.6, 0.8};

    /** Weight of the newest guess. */
    private static final double NEWEST = 0.02;

    /** How fast a rate that keeps guesses from being made rises, so that one in some forty is tried in the end. */
    private static final double DOUBT = 0.0005;

    private final double[] rates = FIRST.clone(); // [match - 1]

    /** Rates for an answer to go on from. */
    double[] copy() {
        return rates.clone();
    }

    double rate(int match) {
        return rates[match - 1];
    }

    void tried(int match, boolean right) {
        rates[match - 1] += NEWEST * ((right ? 1 : 0) - rates[match - 1]);
    }

    void passedOver(int match) {
        rates[match - 1] += DOUBT * (1 - rates[match - 1]);
    }
}
