package io.tandem.gateway.batches;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Takes one batch as far as it goes: checks it, has its lines answered, makes its files. Where it stands is on disk before the next
 * step is taken. Owned and used by the batch's thread, which holds its lock.
 */
final class BatchRun {

    private static final Logger LOG = Logger.getLogger(BatchRun.class);

    /** Lines that are with the queue at the same time. */
    private static final int WINDOW = 64;
    /** Between two looks at whether the batch is still wanted. */
    private static final Duration LOOK = Duration.ofMillis(250);
    /** Between two looks at whether the owner's limits leave room for a line. */
    private static final Duration PACE = Duration.ofMillis(50);
    /** Between two notes of how many lines are done. */
    private static final Duration NOTE = Duration.ofSeconds(1);

    private final Tools tools;
    private final BatchStore store;
    private final Batch batch;

    private final Semaphore window = new Semaphore(WINDOW);
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private BatchState state;
    private long notedAt = System.nanoTime();

    /**
     * What batches are worked on with.
     *
     * @param store where they are
     * @param answers understands lines
     * @param queue has lines answered
     * @param outputs makes files of answers
     * @param limits of one batch
     */
    record Tools(BatchStore store, LineAnswers answers, LineQueue queue, OutputFiles outputs, BatchLimits limits) {}

    BatchRun(Tools tools, Batch batch) {
        this.tools = tools;
        this.store = tools.store();
        this.batch = batch;
    }

    /** Takes the batch to its end, or as far as this process gets before it stops. */
    void run() throws IOException, InterruptedException {
        state = store.state(batch);
        if (state.status() == BatchStatus.VALIDATING) {
            validate();
        }
        if (state.status() == BatchStatus.IN_PROGRESS) {
            work();
        }
        switch (state.status()) {
            case FINALIZING, CANCELLING -> finish();
            case VALIDATING, IN_PROGRESS, FAILED, COMPLETED, EXPIRED, CANCELLED ->
                LOG.debugf("%s is %s", batch.id(), state.status());
        }
    }

    private void validate() {
        Validation.Report report = new Validation(tools.answers(), tools.limits()).validate(store, batch);
        if (report.errors().isEmpty()) {
            state = state.counted(new BatchState.Counts(report.lines(), 0, 0));
            enter(BatchStatus.IN_PROGRESS);
        } else {
            state = state.refused(report.errors());
            enter(BatchStatus.FAILED);
            store.removeWork(batch);
        }
    }

    private void work() throws IOException, InterruptedException {
        LineResults.Found found = store.results(batch).all();
        failed.set(found.failed());
        completed.set(found.lines().cardinality() - found.failed());
        int total = state.counts().total();
        try (InputLines lines = new InputLines(store.input(batch), 0)) {
            for (int i = 0; i < total && lines.next(); i++) {
                if (found.lines().get(i)) {
                    continue;
                }
                if (!isWantedAndHasRoom()) {
                    break;
                }
                tools.queue()
                        .submit(
                                new LineTask(batch.owner(), batch.id(), i, lines.offset(), (int) lines.length()),
                                this::done);
            }
        }
        while (!window.tryAcquire(WINDOW, LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            note();
        }
        note(completed.get(), failed.get());
        Optional<Instant> cancelled = store.cancelAsked(batch);
        if (cancelled.isPresent()) {
            enter(BatchStatus.CANCELLING, cancelled.get());
        } else if (completed.get() + failed.get() == total || isExpired()) {
            enter(BatchStatus.FINALIZING);
        }
        // Otherwise lines were abandoned, as this process stops or its disk fails: somebody takes them up again.
    }

    /** Waits for room in the window; false when the rest of the lines is not wanted any more. */
    private boolean isWantedAndHasRoom() throws InterruptedException {
        while (store.cancelAsked(batch).isEmpty() && !isExpired()) {
            note();
            if (!tools.answers().mayBegin(batch.owner(), WINDOW - window.availablePermits())) {
                new CompletableFuture<Void>()
                        .completeOnTimeout(null, PACE.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            } else if (window.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    private boolean isExpired() {
        return !store.now().isBefore(batch.expiresAt());
    }

    private void done(LineOutcome outcome) {
        switch (outcome) {
            case COMPLETED -> completed.incrementAndGet();
            case FAILED -> failed.incrementAndGet();
            case ABANDONED -> LOG.debugf("a line of %s was abandoned", batch.id());
        }
        window.release();
    }

    private void note() {
        if (System.nanoTime() - notedAt > NOTE.toNanos()) {
            note(completed.get(), failed.get());
        }
    }

    private void note(int good, int bad) {
        notedAt = System.nanoTime();
        if (good != state.counts().completed() || bad != state.counts().failed()) {
            state = state.counted(new BatchState.Counts(state.counts().total(), good, bad));
            store.setState(batch, state);
        }
    }

    private void finish() throws IOException {
        boolean cancelled = state.status() == BatchStatus.CANCELLING;
        boolean expired = !cancelled
                && store.results(batch).all().lines().cardinality()
                        < state.counts().total();
        if (state.output().isEmpty()) {
            state = state.into(tools.outputs().reserve());
            store.setState(batch, state);
        }
        state = state.counted(tools.outputs().make(batch, state, expired));
        enter(cancelled ? BatchStatus.CANCELLED : expired ? BatchStatus.EXPIRED : BatchStatus.COMPLETED);
        store.removeWork(batch);
    }

    private void enter(BatchStatus next) {
        enter(next, store.now());
    }

    private void enter(BatchStatus next, Instant when) {
        state = state.entered(next, when);
        store.setState(batch, state);
    }
}
