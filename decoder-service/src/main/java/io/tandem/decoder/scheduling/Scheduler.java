package io.tandem.decoder.scheduling;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.scheduling.Outcome.Failed;
import io.tandem.decoder.scheduling.Outcome.Left;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.PageUsage;
import io.tandem.engine.speculation.GuessRates;
import io.tandem.engine.speculation.StepPrices;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides who is in the next step: sequences join and leave at every one, pages are taken as they are needed, and where
 * there are too few the youngest sequence gives its own back and reads its tokens again later.
 *
 * <p>Mutable; confined to the step thread. All lists are in order of arrival.
 */
final class Scheduler {

    private static final Comparator<Sequence> BY_ARRIVAL = Comparator.comparingLong(Sequence::arrival);

    private final DecoderRunner runner;
    private final SchedulerLimits limits;
    private final DecoderMetrics metrics;
    private final Speculator speculator;
    private final GuessRates guessRates = new GuessRates();

    /** Without pages: new, or preempted. */
    private final List<Sequence> waiting = new ArrayList<>();

    /** With pages, in the batch. */
    private final List<Sequence> running = new ArrayList<>();

    /** With pages, but out of the batch until their clients catch up. */
    private final List<Sequence> paused = new ArrayList<>();

    private long arrivals;

    Scheduler(DecoderRunner runner, SchedulerLimits limits, DecoderMetrics metrics) {
        this.runner = runner;
        this.limits = limits;
        this.metrics = metrics;
        this.speculator = new Speculator(limits);
        publish();
    }

    void enqueue(Generation generation) {
        waiting.add(new Sequence(
                generation,
                arrivals++,
                runner.startToken(),
                limits.speculation().maxGuess(),
                guessRates));
    }

    /** Begins to guess tokens, as far as these prices let it. */
    void use(StepPrices prices) {
        speculator.use(prices);
    }

    /** Fills the batch for the next step; it stays empty if there is nothing to do before something changes. */
    void plan(Batch batch) {
        batch.clear();
        dropLeaving(waiting);
        dropLeaving(running);
        dropLeaving(paused);
        pauseFull();
        resume();
        admit();
        // Those that generate come first: a long prefix doesn't hold them up.
        int budget = place(batch, limits.stepTokens(), true);
        place(batch, budget, false);
        speculator.extend(batch);
        publish();
    }

    /** Ends a sequence that has a place: its pages are free before its request learns of it. */
    void end(Sequence sequence, Outcome outcome) {
        running.remove(sequence);
        endDetached(sequence, outcome);
    }

    /** Ends everything. */
    void endAll(Outcome outcome) {
        for (List<Sequence> list : List.of(waiting, running, paused)) {
            while (!list.isEmpty()) {
                endDetached(list.removeLast(), outcome);
            }
        }
        publish();
    }

    private void dropLeaving(List<Sequence> list) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i).generation().leaving()) {
                endDetached(list.remove(i), new Left());
            }
        }
    }

    private void endDetached(Sequence sequence, Outcome outcome) {
        Outcome shown = outcome;
        try {
            sequence.close();
        } catch (RuntimeException failure) {
            shown = new Failed(internal(failure));
        }
        publish();
        sequence.generation().end(shown);
    }

    private void pauseFull() {
        for (int i = running.size() - 1; i >= 0; i--) {
            Sequence sequence = running.get(i);
            if (sequence.generation().room() == 0) {
                running.remove(i);
                insert(paused, sequence);
                sequence.generation().pause(true);
            }
        }
    }

    /** Comes after {@link #pauseFull} in the same plan, so that a client which caught up in between is not missed. */
    private void resume() {
        for (int i = 0; i < paused.size() && running.size() < limits.maxBatch(); ) {
            Sequence sequence = paused.get(i);
            if (sequence.generation().caughtUp()) {
                paused.remove(i);
                sequence.generation().pause(false);
                insert(running, sequence);
            } else {
                i++;
            }
        }
    }

    private void admit() {
        int promised = promisedPages();
        for (int i = 0; i < waiting.size() && running.size() < limits.maxBatch(); ) {
            Sequence sequence = waiting.get(i);
            if (!sequence.generation().caughtUp()) {
                // Preempted while its client was behind.
                i++;
                continue;
            }
            int needed = promised + pagesFor(sequence.length());
            while (needed > runner.pages().free() && !paused.isEmpty()) {
                preempt(paused.removeLast());
            }
            if (needed > runner.pages().free()) {
                return;
            }
            promised = needed;
            waiting.remove(sequence);
            join(sequence);
        }
    }

    /** Pages that sequences with a place will take for tokens they have already. */
    private int promisedPages() {
        int promised = 0;
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            promised += pagesFor(sequence.length()) - pagesFor(sequence.read());
        }
        return promised;
    }

    private void join(Sequence sequence) {
        try {
            sequence.open(runner);
        } catch (RuntimeException failure) {
            endDetached(sequence, new Failed(internal(failure)));
            return;
        }
        insert(running, sequence);
        sequence.generation().pause(false);
        sequence.generation().start();
    }

    /** Reserves pages and adds entries, the oldest sequences first; returns what is left of the step's tokens. */
    private int place(Batch batch, int budget, boolean generating) {
        int left = budget;
        for (int i = 0; i < running.size() && left > 0; ) {
            Sequence sequence = running.get(i);
            boolean inTurn = (sequence.unread() == 1) == generating;
            int count = Math.min(sequence.unread(), left);
            if (inTurn && !reserve(batch, sequence, count)) {
                // It was the youngest, so the last in the list, and is gone from it.
                continue;
            }
            if (inTurn) {
                batch.add(sequence, count);
                left -= count;
            }
            i++;
        }
        return left;
    }

    /** False if the sequence has lost its place: it was itself the youngest. */
    private boolean reserve(Batch batch, Sequence sequence, int count) {
        while (!sequence.pages().reserve(count)) {
            if (paused.isEmpty() && running.size() == 1) {
                running.remove(sequence);
                endDetached(sequence, new Failed(tooLarge(sequence)));
                return false;
            }
            Sequence victim = paused.isEmpty() ? running.removeLast() : paused.removeLast();
            batch.remove(victim);
            preempt(victim);
            if (victim == sequence) {
                return false;
            }
        }
        return true;
    }

    private void preempt(Sequence sequence) {
        sequence.close();
        metrics.preempted();
        insert(waiting, sequence);
    }

    private void publish() {
        PageUsage pages = runner.pages();
        metrics.occupancy(running.size() + paused.size(), pages.free(), pages.total());
    }

    private int pagesFor(int tokens) {
        return Math.ceilDiv(tokens, runner.pages().pageTokens());
    }

    private TandemException tooLarge(Sequence sequence) {
        PageUsage pages = runner.pages();
        return new TandemException(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                "max_tokens",
                "the output needs pages for " + sequence.length() + " tokens, the decoder has pages for "
                        + (long) pages.total() * pages.pageTokens() + "; raise tandem.decoder.page-memory");
    }

    private static TandemException internal(RuntimeException cause) {
        return new TandemException(ErrorCode.INTERNAL, null, "the decoder failed on this request", cause);
    }

    private static void insert(List<Sequence> list, Sequence sequence) {
        list.add(sequence);
        list.sort(BY_ARRIVAL);
    }
}
