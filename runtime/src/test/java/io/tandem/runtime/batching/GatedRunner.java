package io.tandem.runtime.batching;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Doubles numbers, each as heavy as its value, and refuses negative ones; every run waits for a permit. Used by the worker's thread,
 * watched by the test's.
 */
final class GatedRunner implements BatchRunner<Integer, Integer> {

    final Semaphore entered = new Semaphore(0);
    final Semaphore mayRun = new Semaphore(0);
    final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    volatile boolean closed;

    @Override
    public int weight(Integer item) {
        return Math.abs(item);
    }

    @Override
    public List<Integer> run(List<Integer> items) {
        batches.add(items);
        entered.release();
        mayRun.acquireUninterruptibly();
        if (items.stream().anyMatch(item -> item < 0)) {
            throw new IllegalArgumentException("negative");
        }
        return items.stream().map(item -> 2 * item).toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
