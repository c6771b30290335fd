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
 * Decides who is in the next step: outputs join and leave at every one, pages are taken as they are needed, and where
 * there are too few the youngest output gives its own back and reads its tokens again later.
 *
 * <p>Mutable; confined to the step thread. All lists are in order of arrival.
 */
final class Scheduler {

    private static final Comparator<SequenceGroup> BY_ARRIVAL = Comparator.comparingLong(SequenceGroup::arrival);

    private final DecoderRunner runner;
    private final SchedulerLimits limits;
    private final DecoderMetrics metrics;
    private final Speculator speculator;
    private final GuessRates guessRates = new GuessRates();

    /** Without pages: new, or preempted. */
    private final List<SequenceGroup> waiting = new ArrayList<>();

    /** With pages, in the batch. */
    private final List<SequenceGroup> running = new ArrayList<>();

    /** With pages, but out of the batch until their clients catch up. */
    private final List<SequenceGroup> paused = new ArrayList<>();

    private long arrivals;

    Scheduler(DecoderRunner runner, SchedulerLimits limits, DecoderMetrics metrics) {
        this.runner = runner;
        this.limits = limits;
        this.metrics = metrics;
        this.speculator = new Speculator(limits);
        publish();
    }

    void enqueue(Generation generation) {
        waiting.add(new SequenceGroup(
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
        place(batch, true);
        place(batch, false);
        speculator.extend(batch);
        publish();
    }

    /** Ends an output that has a place: its pages are free before its request learns of it. */
    void end(SequenceGroup group, Outcome outcome) {
        running.remove(group);
        endDetached(group, outcome);
    }

    /** Ends everything. */
    void endAll(Outcome outcome) {
        for (List<SequenceGroup> list : List.of(waiting, running, paused)) {
            while (!list.isEmpty()) {
                endDetached(list.removeLast(), outcome);
            }
        }
        publish();
    }

    private void dropLeaving(List<SequenceGroup> list) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i).generation().leaving()) {
                endDetached(list.remove(i), new Left());
            }
        }
    }

    private void endDetached(SequenceGroup group, Outcome outcome) {
        Outcome shown = outcome;
        try {
            group.close();
        } catch (RuntimeException failure) {
            shown = new Failed(internal(failure));
        }
        publish();
        group.generation().end(shown);
    }

    private void pauseFull() {
        for (int i = running.size() - 1; i >= 0; i--) {
            SequenceGroup group = running.get(i);
            if (group.generation().room() == 0) {
                running.remove(i);
                insert(paused, group);
                group.generation().pause(true);
            }
        }
    }

    /** Comes after {@link #pauseFull} in the same plan, so that a client which caught up in between is not missed. */
    private void resume() {
        for (int i = 0; i < paused.size() && hasPlace(paused.get(i)); ) {
            SequenceGroup group = paused.get(i);
            if (group.generation().caughtUp()) {
                paused.remove(i);
                group.generation().pause(false);
                insert(running, group);
            } else {
                i++;
            }
        }
    }

    private void admit() {
        int promised = promisedPages();
        // Whoever needs more places than there are is waited for: else searches would never find enough of them.
        for (int i = 0; i < waiting.size() && hasPlace(waiting.get(i)); ) {
            SequenceGroup group = waiting.get(i);
            if (!group.generation().caughtUp()) {
                // Preempted while its client was behind.
                i++;
                continue;
            }
            int needed = promised + pagesFor(group);
            while (needed > runner.pages().free() && !paused.isEmpty()) {
                preempt(paused.removeLast());
            }
            if (needed > runner.pages().free()) {
                return;
            }
            promised = needed;
            waiting.remove(group);
            join(group);
        }
    }

    private boolean hasPlace(SequenceGroup group) {
        return slots(running) + group.slots() <= limits.maxBatch();
    }

    private static int slots(List<SequenceGroup> groups) {
        int slots = 0;
        for (int i = 0; i < groups.size(); i++) {
            slots += groups.get(i).slots();
        }
        return slots;
    }

    /** Pages that outputs with a place will take for tokens they have already. */
    private int promisedPages() {
        int promised = 0;
        for (int i = 0; i < running.size(); i++) {
            promised += pagesFor(running.get(i));
        }
        return promised;
    }

    /** Pages that an output will take for tokens that it has and the decoder has not read. */
    private int pagesFor(SequenceGroup group) {
        int pages = 0;
        for (int i = 0; i < group.sequences().size(); i++) {
            Sequence sequence = group.sequences().get(i);
            pages += pagesFor(sequence.length()) - pagesFor(sequence.read());
        }
        return pages;
    }

    private void join(SequenceGroup group) {
        try {
            group.open(runner);
        } catch (RuntimeException failure) {
            endDetached(group, new Failed(internal(failure)));
            return;
        }
        insert(running, group);
        group.generation().pause(false);
        group.generation().start();
    }

    /** Reserves pages and adds entries, the oldest outputs first, as long as the step has tokens left. */
    private void place(Batch batch, boolean generating) {
        for (int i = 0; i < running.size(); ) {
            SequenceGroup group = running.get(i);
            if (group.generating() == generating && !place(batch, group)) {
                // It was the youngest, so the last in the list, and is gone from it.
                continue;
            }
            i++;
        }
    }

    /** False if the output has lost its place. Beams that generate find room for all: a step has a token for every slot. */
    private boolean place(Batch batch, SequenceGroup group) {
        for (int i = 0; i < group.sequences().size(); i++) {
            Sequence sequence = group.sequences().get(i);
            int count = Math.min(group.readable(sequence), limits.stepTokens() - batch.rows());
            if (count > 0) {
                if (!reserve(batch, group, sequence, count)) {
                    return false;
                }
                batch.add(group, sequence, count);
            }
        }
        return true;
    }

    /** False if the output has lost its place: it was itself the youngest. */
    private boolean reserve(Batch batch, SequenceGroup group, Sequence sequence, int count) {
        while (!sequence.pages().reserve(count)) {
            if (paused.isEmpty() && running.size() == 1) {
                running.remove(group);
                batch.remove(group);
                endDetached(group, new Failed(tooLarge(group)));
                return false;
            }
            SequenceGroup victim = paused.isEmpty() ? running.removeLast() : paused.removeLast();
            batch.remove(victim);
            preempt(victim);
            if (victim == group) {
                return false;
            }
        }
        return true;
    }

    private void preempt(SequenceGroup group) {
        group.close();
        // It may be ahead of its client, and is let in again only when that has caught up.
        group.generation().pause(true);
        metrics.preempted();
        insert(waiting, group);
    }

    private void publish() {
        PageUsage pages = runner.pages();
        metrics.occupancy(slots(running) + slots(paused), pages.free(), pages.total());
    }

    private int pagesFor(int tokens) {
        return Math.ceilDiv(tokens, runner.pages().pageTokens());
    }

    private TandemException tooLarge(SequenceGroup group) {
        PageUsage pages = runner.pages();
        return new TandemException(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                "max_tokens",
                "the output needs pages for " + group.slots() + " times "
                        + group.sequences().getFirst().length() + " tokens, the decoder has pages for "
                        + (long) pages.total() * pages.pageTokens() + "; raise tandem.decoder.page-memory");
    }

    private static TandemException internal(RuntimeException cause) {
        return new TandemException(ErrorCode.INTERNAL, null, "the decoder failed on this request", cause);
    }

    private static void insert(List<SequenceGroup> list, SequenceGroup group) {
        list.add(group);
        list.sort(BY_ARRIVAL);
    }
}
