package io.tandem.decoder.scheduling;

import io.tandem.engine.speculation.GuessPace;
import io.tandem.engine.speculation.StepPrices;

/**
 * Adds guesses to a step that is planned: tokens that the step reads at once and {@link TokenChooser} verifies.
 *
 * <p>The rule: guesses only fill a step up to {@code max-rows} rows, and only as far as they pay for the time that they add to it.
 * A small step takes as long as reading the weights takes, so that more rows may cost little; a large one has nothing to give
 * away. They take neither a page nor a place from anybody: pages that are still free when every sequence has its own, and rows
 * that are left, shared equally.
 *
 * <p>Confined to the step thread.
 */
final class Speculator {

    private final int maxRows;

    /** Before there are prices, nothing is guessed. */
    private StepPrices prices = StepPrices.linear(0, 1);

    Speculator(SchedulerLimits limits) {
        this.maxRows = limits.speculation().maxGuess() == 0
                ? 0
                : Math.min(limits.speculation().maxRows(), limits.stepTokens());
    }

    /** From now on guesses are made where they are worth these prices. */
    void use(StepPrices measured) {
        prices = measured;
    }

    /** Comes last in a plan. */
    void extend(Batch batch) {
        int left = Math.min(maxRows, prices.mostRows()) - batch.rows();
        int candidates = 0;
        for (int entry = 0; entry < batch.size() && left > 0; entry++) {
            candidates += batch.sequence(entry).unread() == 1 ? 1 : 0;
        }
        int answers = candidates;
        for (int entry = 0; entry < batch.size() && left > 0; entry++) {
            Sequence sequence = batch.sequence(entry);
            if (sequence.unread() == 1) {
                GuessPace.Step step = new GuessPace.Step(prices, batch.rows(), answers);
                int guesses = sequence.guess(Math.ceilDiv(left, candidates--), step);
                if (guesses > 0 && sequence.pages().reserve(1 + guesses)) {
                    batch.guess(entry, guesses);
                    left -= guesses;
                }
            }
        }
    }
}
