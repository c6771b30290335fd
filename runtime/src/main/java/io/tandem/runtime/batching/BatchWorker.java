package io.tandem.runtime.batching;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One platform thread that owns a runner and gives it what waits, in order of arrival, in batches.
 *
 * <p>It never waits for company: an item that finds the runner idle runs at once, those that arrive meanwhile run together.
 * Thread-safe; owned by the service that started it.
 *
 * @param <T> an item of work
 * @param <R> what becomes of it
 */
public final class BatchWorker<T, R> implements AutoCloseable {

    private final BatchRunner<T, R> runner;
    private final BatchLimits limits;
    private final BatchListener listener;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Entry<T, R>> waiting = new ArrayDeque<>();
    private boolean closing;

    private BatchWorker(String name, BatchRunner<T, R> runner, BatchLimits limits, BatchListener listener) {
        this.runner = runner;
        this.limits = limits;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::work);
    }

    /**
     * Starts a worker.
     *
     * @param name of its thread
     * @param runner belongs to the worker from now on
     */
    public static <T, R> BatchWorker<T, R> start(
            String name, BatchRunner<T, R> runner, BatchLimits limits, BatchListener listener) {
        BatchWorker<T, R> worker = new BatchWorker<>(name, runner, limits, listener);
        worker.thread.start();
        return worker;
    }

    /**
     * Puts an item in the queue. Cancelling the future takes it out again, unless it already runs.
     *
     * @return fails with what the runner threw when it ran this item alone
     * @throws TandemException OVERLOADED if the queue is full, DRAINING if the worker is closed
     */
    public CompletableFuture<R> submit(T item) {
        Entry<T, R> entry = new Entry<>(item, runner.weight(item), new CompletableFuture<>());
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
            waiting.add(entry);
            listener.waiting(waiting.size());
            changed.signal();
        } finally {
            lock.unlock();
        }
        return entry.result();
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
            for (List<Entry<T, R>> batch = take(); !batch.isEmpty(); batch = take()) {
                run(batch);
            }
        }
    }

    /** The next batch; empty once the worker is closed and nothing waits. */
    private List<Entry<T, R>> take() {
        List<Entry<T, R>> batch = new ArrayList<>();
        lock.lock();
        try {
            dropCancelled();
            while (waiting.isEmpty() && !closing) {
                changed.awaitUninterruptibly();
                dropCancelled();
            }
            long weight = 0;
            while (!waiting.isEmpty()
                    && (batch.isEmpty() || weight + waiting.peek().weight() <= limits.maxWeight())) {
                weight += waiting.peek().weight();
                batch.add(waiting.remove());
            }
            listener.waiting(waiting.size());
        } finally {
            lock.unlock();
        }
        return batch;
    }

    /** Runs a batch; if that fails, its items one by one, so that only the guilty ones fail. */
    private void run(List<Entry<T, R>> batch) {
        try {
            long start = System.nanoTime();
            List<R> results = runner.run(batch.stream().map(Entry::item).toList());
            if (results.size() != batch.size()) {
                throw new IllegalStateException(results.size() + " results for " + batch.size() + " items");
            }
            int weight = batch.stream().mapToInt(Entry::weight).sum();
            listener.ran(batch.size(), weight, System.nanoTime() - start);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).result().complete(results.get(i));
            }
        } catch (RuntimeException | Error e) {
            if (batch.size() == 1) {
                batch.getFirst().result().completeExceptionally(e);
                return;
            }
            batch.stream().filter(entry -> !entry.result().isDone()).forEach(entry -> run(List.of(entry)));
        }
    }

    private void dropCancelled() {
        waiting.removeIf(entry -> entry.result().isDone());
    }

    /** An item with the promise of what becomes of it. */
    private record Entry<T, R>(T item, int weight, CompletableFuture<R> result) {}
}
