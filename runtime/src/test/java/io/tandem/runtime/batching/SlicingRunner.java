package io.tandem.runtime.batching;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Gives numbers back after as many slices as the heaviest of a batch weighs; every slice waits for a permit. Used by the worker's
 * thread, watched by the test's.
 */
final class SlicingRunner implements SlicedRunner<Integer, Integer> {

    final Semaphore maySlice = new Semaphore(0);
    final Semaphore sliced = new Semaphore(0);
    final Semaphore begun = new Semaphore(0);

    /** What each slice was for. */
    final List<List<Integer>> slices = Collections.synchronizedList(new ArrayList<>());

    final Set<List<Integer>> open = Collections.synchronizedSet(new HashSet<>());
    volatile int mostOpenWeight;

    @Override
    public int weight(Integer item) {
        return item;
    }

    @Override
    public BatchPass<Integer> begin(List<Integer> items) {
        open.add(items);
        mostOpenWeight = Math.max(
                mostOpenWeight,
                open.stream().flatMap(List::stream).mapToInt(i -> i).sum());
        begun.release();
        return new Pass(items);
    }

    /** Does {@code count} slices and returns when they are done. */
    void slice(int count) {
        maySlice.release(count);
        sliced.acquireUninterruptibly(count);
    }

    @Override
    public void close() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("closed with open passes: " + open);
        }
    }

    private final class Pass implements BatchPass<Integer> {
        private final List<Integer> items;
        private final int needed;
        private int done;

        private Pass(List<Integer> items) {
            this.items = items;
            this.needed = Collections.max(items);
        }

        @Override
        public boolean advance() {
            maySlice.acquireUninterruptibly();
            slices.add(items);
            done++;
            sliced.release();
            return done == needed;
        }

        @Override
        public double remaining() {
            return 1 - (double) done / needed;
        }

        @Override
        public List<Integer> results() {
            return items;
        }

        @Override
        public void close() {
            open.remove(items);
        }
    }
}
