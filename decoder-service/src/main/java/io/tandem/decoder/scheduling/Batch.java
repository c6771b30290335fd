package io.tandem.decoder.scheduling;

import io.tandem.engine.runner.DecoderStep;
import io.tandem.engine.runner.DecoderStep.Asked;

/**
 * The sequences of one step and how many tokens of each are read.
 *
 * <p>Mutable and reused; confined to the step thread.
 */
final class Batch {

    private final Sequence[] sequences;
    private final int[] counts;
    private int size;

    Batch(int maxBatch) {
        sequences = new Sequence[maxBatch];
        counts = new int[maxBatch];
    }

    void clear() {
        // References are dropped so that no ended output is kept alive.
        while (size > 0) {
            sequences[--size] = null;
        }
    }

    void add(Sequence sequence, int count) {
        sequences[size] = sequence;
        counts[size++] = count;
    }

    /** Takes a sequence out if it is there. */
    void remove(Sequence sequence) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (sequences[i] != sequence) {
                sequences[kept] = sequences[i];
                counts[kept++] = counts[i];
            }
        }
        while (size > kept) {
            sequences[--size] = null;
        }
    }

    int size() {
        return size;
    }

    Sequence sequence(int entry) {
        return sequences[entry];
    }

    /** Writes the entries down for the runner, in the same order. */
    void describe(DecoderStep step) {
        step.clear();
        for (int i = 0; i < size; i++) {
            Sequence sequence = sequences[i];
            step.add(sequence.pages(), sequence.tokens(), sequence.read(), counts[i], asked(sequence, counts[i]));
        }
    }

    /** A prefix that goes on in the next step has nothing to predict; a greedy answer needs no distribution. */
    private static Asked asked(Sequence sequence, int count) {
        if (count < sequence.unread()) {
            return Asked.NOTHING;
        }
        return sequence.generation().request().sampling().greedy() ? Asked.BEST : Asked.DISTRIBUTION;
    }
}
