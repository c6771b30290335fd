package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;

/**
 * The sequences of one step, and how many tokens and guesses of each are read.
 *
 * <p>Mutable and reused; confined to the step thread.
 */
final class Batch {

    private final SequenceGroup[] groups;
    private final Sequence[] sequences;
    private final int[] counts;
    private final int[] guesses;
    private final Asked[] best;
    private final Asked[] distributions;
    private int size;

    Batch(SchedulerLimits limits) {
        groups = new SequenceGroup[limits.maxBatch()];
        sequences = new Sequence[limits.maxBatch()];
        counts = new int[limits.maxBatch()];
        guesses = new int[limits.maxBatch()];
        int most = limits.speculation().maxGuess();
        best = new Asked[1 + most];
        distributions = new Asked[1 + most];
        for (int guessed = 0; guessed <= most; guessed++) {
            best[guessed] = new Asked(1 + guessed, false);
            distributions[guessed] = new Asked(1 + guessed, true);
        }
    }

    void clear() {
        // References are dropped so that no ended output is kept alive.
        while (size > 0) {
            sequences[--size] = null;
            groups[size] = null;
        }
    }

    /** Those of a group one behind the other. */
    void add(SequenceGroup group, Sequence sequence, int count) {
        groups[size] = group;
        sequences[size] = sequence;
        guesses[size] = 0;
        counts[size++] = count;
    }

    /** Has as many of an entry's guesses verified; called when all entries are there. */
    void guess(int entry, int count) {
        guesses[entry] = count;
    }

    /** Takes the sequences of a group out if they are there. */
    void remove(SequenceGroup group) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (groups[i] != group) {
                groups[kept] = groups[i];
                sequences[kept] = sequences[i];
                counts[kept++] = counts[i];
            }
        }
        while (size > kept) {
            sequences[--size] = null;
            groups[size] = null;
        }
    }

    int size() {
        return size;
    }

    SequenceGroup group(int entry) {
        return groups[entry];
    }

    /** Whether no entry before this one is of its group. */
    boolean beginsGroup(int entry) {
        return entry == 0 || groups[entry - 1] != groups[entry];
    }

    Sequence sequence(int entry) {
        return sequences[entry];
    }

    /** Guesses of an entry that the step verifies. */
    int guesses(int entry) {
        return guesses[entry];
    }

    /** Tokens that the step reads. */
    int rows() {
        int rows = 0;
        for (int i = 0; i < size; i++) {
            rows += counts[i] + guesses[i];
        }
        return rows;
    }

    /** After the run: whether the entry's sequence has all its tokens read, so that there is a next one to choose. */
    boolean generates(int entry) {
        return sequences[entry].unread() <= 0;
    }

    /** Writes the entries down for the runner, in the same order. */
    void describe(DecoderStep step) {
        step.clear();
        for (int i = 0; i < size; i++) {
            Sequence sequence = sequences[i];
            step.add(sequence.pages(), sequence.tokens(), sequence.read(), counts[i] + guesses[i], asked(i));
        }
    }

    /** A prefix that goes on in the next step has nothing to predict; most greedy answers need no distribution. */
    private Asked asked(int entry) {
        Sequence sequence = sequences[entry];
        if (counts[entry] < sequence.unread()) {
            return Asked.NOTHING;
        }
        boolean distribution = sequence.generation().request().readsLogits(sequence.generated());
        return (distribution ? distributions : best)[guesses[entry]];
    }
}
