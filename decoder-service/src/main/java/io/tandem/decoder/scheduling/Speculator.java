package io.tandem.decoder.scheduling;

/**
 * Adds guesses to a step that is planned: tokens that the step reads at once and {@link TokenChooser} verifies.
 *
 * <p>The rule: guesses only fill a step up to {@code max-rows} rows. A small step takes as long as reading the weights takes, so
 * that more rows are nearly free; a large one has none to give away. They take neither a page nor a place from anybody: pages
 * that are still free when every sequence has its own, and rows that are left, shared equally.
 *
 * <p>Confined to the step thread.
 */
final class Speculator {

    private final int maxRows;

    Speculator(SchedulerLimits limits) {
        this.maxRows = limits.speculation().maxGuess() == 0
                ? 0
                : Math.min(limits.speculation().maxRows(), limits.stepTokens());
    }

    /** Comes last in a plan. */
    void extend(Batch batch) {
        int left = maxRows - batch.rows();
        int candidates = 0;
        for (int entry = 0; entry < batch.size() && left > 0; entry++) {
            candidates += batch.sequence(entry).unread() == 1 ? 1 : 0;
        }
        for (int entry = 0; entry < batch.size() && left > 0; entry++) {
            Sequence sequence = batch.sequence(entry);
            if (sequence.unread() == 1) {
                int guesses = sequence.guess(Math.ceilDiv(left, candidates--));
                if (guesses > 0 && sequence.pages().reserve(1 + guesses)) {
                    batch.guess(entry, guesses);
                    left -= guesses;
                }
            }
        }
    }
}
