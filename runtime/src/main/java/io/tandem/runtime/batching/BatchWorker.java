package io.tandem.runtime.batching;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One platform thread that owns a runner and gives it what waits, in batches, a slice at a time.
 *
 * <p>It never waits for company: an item that finds the runner idle runs at once, those that arrive meanwhile run together as
 * {@link BatchPolicy} says. Between slices a batch that is much smaller than what is under way begins, and then goes first; but
 * the one that began first gets at least every ninth slice, however many small ones keep coming. What nobody waits for any more
 * is given up between slices. Thread-safe; owned by the service that started it.
 *
 * @param <T> an item of work
 * @param <R> what becomes of it
 */
public final class BatchWorker<T, R> implements AutoCloseable {

    /** Slices in a row that may pass over the batch that began first. */
    private static final int PATIENCE = 8;

    private final SlicedRunner<T, R> runner;
    private final BatchLimits limits;
    private final BatchPolicy policy;
    private final BatchListener listener;
    private final BatchSpans spans;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Entry<T, R>> waiting = new ArrayDeque<>();
    private boolean closing;

    /** Batches that have begun, the innermost first; the worker's thread's own. */
    private final Deque<UnderWay<T, R>> underWay = new ArrayDeque<>();

    private int passedOver;

    private BatchWorker(String name, SlicedRunner<T, R> runner, BatchLimits limits, BatchListener listener) {
        this.runner = runner;
        this.limits = limits;
        this.policy = new BatchPolicy(limits.maxWeight());
        this.listener = listener;
        this.spans = new BatchSpans(name);
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::work);
    }

    /**
     * Starts a worker.
     *
     * @param name of its thread
     * @param runner belongs to the worker from now on
     */
    public static <T, R> BatchWorker<T, R> start(
            String name, SlicedRunner<T, R> runner, BatchLimits limits, BatchListener listener) {
        BatchWorker<T, R> worker = new BatchWorker<>(name, runner, limits, listener);
        worker.thread.start();
        return worker;
    }

    /**
     * Puts an item in the queue. Cancelling the future takes it out again, or ends its batch if nobody waits for the others.
     *
     * @return fails with what the runner threw when it ran this item alone
     * @throws TandemException OVERLOADED if the queue is full, DRAINING if the worker is closed
     */
    public CompletableFuture<R> submit(T item) {
        int weight = runner.weight(item);
        CompletableFuture<R> result = new CompletableFuture<>();
        lock.lock();
        try {
            if (closing) {
                throw new TandemException(ErrorCode.DRAINING, null, "the service is shutting down");
            }
            if (waiting.size() >= limits.maxWaiting()) {
                dropCancelled();
            }
            if (waiting.size() >= limits.maxWaiting()) {
                throw new TandemException(
                        ErrorCode.OVERLOADED,
                        null,
                        String.format(
                                Locale.ROOT,
                                "%,d items wait to be encoded, limit %,d; try again later or raise %s",
                                waiting.size(),
                                limits.maxWaiting(),
                                limits.waitingSetting()));
            }
            waiting.add(new Entry<>(item, weight, result, spans.item(weight, result), false));
            listener.waiting(waiting.size());
            changed.signal();
        } finally {
            lock.unlock();
        }
        return result;
    }

    /** Takes nothing more, runs what waits, and closes the runner; returns when all of that is done. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // The runner's memory must not be given back under its feet, so the end is waited for all the same.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try (runner) {
            List<Entry<T, R>> batch = take();
            while (!batch.isEmpty() || !underWay.isEmpty()) {
                if (!batch.isEmpty()) {
                    begin(batch);
                }
                if (!underWay.isEmpty()) {
                    advance(chooseNext());
                }
                giveUpAbandoned();
                batch = take();
            }
        }
    }

    /** The batch to begin now, if any; waits while nothing is to do. Empty with nothing under way: the worker is closed. */
    private List<Entry<T, R>> take() {
        lock.lock();
        try {
            dropCancelled();
            while (waiting.isEmpty() && underWay.isEmpty() && !closing) {
                changed.awaitUninterruptibly();
                dropCancelled();
            }
            double left = underWay.isEmpty()
                    ? Double.POSITIVE_INFINITY
                    : underWay.getFirst().remainingWeight();
            List<Entry<T, R>> batch = policy.take(waiting, left);
            listener.waiting(waiting.size());
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void begin(List<Entry<T, R>> batch) {
        try {
            List<T> items = batch.stream().map(Entry::item).toList();
            underWay.addFirst(new UnderWay<>(batch, runner.begin(items), spans.batch(batch)));
        } catch (RuntimeException | Error e) {
            fail(batch, e);
        }
    }

    private UnderWay<T, R> chooseNext() {
        if (underWay.size() == 1 || passedOver == PATIENCE) {
            passedOver = 0;
            return underWay.getLast();
        }
        passedOver++;
        return underWay.getFirst();
    }

    private void advance(UnderWay<T, R> chosen) {
        try {
            if (chosen.advance(listener)) {
                end(chosen);
            }
        } catch (RuntimeException | Error e) {
            end(chosen);
            fail(chosen.entries(), e);
        }
    }

    private void giveUpAbandoned() {
        underWay.stream().filter(UnderWay::abandoned).toList().forEach(this::end);
    }

    private void end(UnderWay<T, R> ended) {
        underWay.remove(ended);
        ended.close();
    }

    /** Lets the items of a failed batch run one by one, so that only the guilty ones fail. */
    private void fail(List<Entry<T, R>> batch, Throwable failure) {
        if (batch.size() == 1) {
            batch.getFirst().result().completeExceptionally(failure);
            return;
        }
        lock.lock();
        try {
            batch.reversed().forEach(entry -> waiting.addFirst(entry.forItself()));
        } finally {
            lock.unlock();
        }
    }

    private void dropCancelled() {
        waiting.removeIf(entry -> entry.result().isDone());
    }
}
