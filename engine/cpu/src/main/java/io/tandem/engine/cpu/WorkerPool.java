package io.tandem.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads of its own that share the tasks of one operation at a time; the calling thread works with them.
 *
 * <p>Safe for any number of callers, who take turns in the order they came.
 */
final class WorkerPool implements AutoCloseable {

    /** Rounds of looking for work before a thread parks: some 20 microseconds, the pause between operations of a step. */
    private static final int SPINS = 2_000;

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Turn turn = new Turn();
    private final Workspace workspace = new Workspace();
    private final Scratch[] scratches;
    private final Thread[] workers;
    private volatile Job job;
    private volatile boolean closed;

    /** One piece of an operation. */
    @FunctionalInterface
    interface Task {
        void run(int index, Scratch scratch);
    }

    /** @param threads threads that compute, the caller's included */
    WorkerPool(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("the pool needs at least 1 thread, got " + threads);
        }
        scratches = new Scratch[threads];
        workers = new Thread[threads - 1];
        for (int i = 0; i < threads; i++) {
            scratches[i] = new Scratch();
        }
        for (int i = 0; i < workers.length; i++) {
            int worker = i + 1;
            Scratch scratch = scratches[worker];
            workers[i] =
                    Thread.ofPlatform().name("tandem-cpu-" + (i + 1)).daemon().start(() -> work(worker, scratch));
        }
    }

    int threads() {
        return scratches.length;
    }

    /** Whether {@code thread} is one of its workers. */
    boolean owns(Thread thread) {
        return Arrays.asList(workers).contains(thread);
    }

    /**
     * Waits until no other operation runs.
     *
     * @throws IllegalStateException if the pool is closed
     */
    Turn turn() {
        lock.lock();
        if (closed) {
            lock.unlock();
            throw new IllegalStateException("the cpu backend is closed");
        }
        return turn;
    }

    /** The right to use all workers and the workspace, until it is closed. */
    final class Turn implements AutoCloseable {

        Workspace workspace() {
            return workspace;
        }

        /** Memory of the calling thread, which tasks that it runs use too. */
        Scratch scratch() {
            return scratches[0];
        }

        int threads() {
            return scratches.length;
        }

        /** Whether a task may read {@code memory}, or only the calling thread may. */
        boolean workersCanRead(MemorySegment memory) {
            for (Thread worker : workers) {
                if (!memory.isAccessibleBy(worker)) {
                    return false;
                }
            }
            return true;
        }

        /** Runs all tasks on the calling thread. */
        void runAlone(int tasks, Task task) {
            for (int i = 0; i < tasks; i++) {
                task.run(i, scratches[0]);
            }
        }

        /**
         * Runs tasks 0 to {@code tasks - 1}, in any order and on any thread; returns when all are done. Each thread begins with
         * neighbours, in ascending order: memory that lies behind one another is read faster by one thread.
         */
        void run(int tasks, Task task) {
            if (workers.length == 0 || tasks <= 1) {
                runAlone(tasks, task);
            } else {
                runShared(new Job(tasks, task, scratches.length, Thread.currentThread()));
            }
        }

        @Override
        public void close() {
            lock.unlock();
        }
    }

    private void runShared(Job shared) {
        job = shared;
        int helpers = Math.min(workers.length, shared.tasks - 1);
        for (int i = 0; i < helpers; i++) {
            LockSupport.unpark(workers[i]);
        }
        shared.help(0, scratches[0]);
        shared.await();
        job = null;
        shared.rethrow();
    }

    private void work(int worker, Scratch scratch) {
        Job done = null;
        int idle = 0;
        while (!closed) {
            Job next = job;
            if (next != null && next != done) {
                next.help(worker, scratch);
                done = next;
                idle = 0;
            } else if (++idle < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                idle = 0;
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (Thread worker : workers) {
                LockSupport.unpark(worker);
            }
            for (Thread worker : workers) {
                join(worker);
            }
            for (Scratch scratch : scratches) {
                scratch.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void join(Thread worker) {
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The tasks of one operation: each worker has a range of its own, and helps the next ones when it is through. */
    private static final class Job {

        /** Counters are so far apart that no two share a cache line, or a pair of lines that are fetched together. */
        private static final int APART = 32;

        private final int tasks;
        private final Task task;
        private final int workers;
        private final Thread caller;
        private final AtomicIntegerArray next;
        private final AtomicInteger finished = new AtomicInteger();
        private volatile Throwable failure;

        Job(int tasks, Task task, int workers, Thread caller) {
            this.tasks = tasks;
            this.task = task;
            this.workers = workers;
            this.caller = caller;
            next = new AtomicIntegerArray(workers * APART);
        }

        void help(int worker, Scratch scratch) {
            int taken = 0;
            for (int i = 0; i < workers; i++) {
                taken += helpWith((worker + i) % workers, scratch);
            }
            if (taken > 0 && finished.addAndGet(taken) == tasks && Thread.currentThread() != caller) {
                LockSupport.unpark(caller);
            }
        }

        private int helpWith(int range, Scratch scratch) {
            int first = first(range);
            int count = first(range + 1) - first;
            int taken = 0;
            for (int i = next.getAndIncrement(range * APART); i < count; i = next.getAndIncrement(range * APART)) {
                taken++;
                if (failure == null) {
                    attempt(first + i, scratch);
                }
            }
            return taken;
        }

        private int first(int range) {
            return (int) ((long) tasks * range / workers);
        }

        private void attempt(int index, Scratch scratch) {
            try {
                task.run(index, scratch);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }

        void await() {
            boolean interrupted = false;
            int spins = 0;
            while (finished.get() < tasks) {
                if (++spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                    interrupted |= Thread.interrupted();
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        void rethrow() {
            Throwable thrown = failure;
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
        }
    }
}
