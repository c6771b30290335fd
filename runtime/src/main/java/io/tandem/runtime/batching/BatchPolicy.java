package io.tandem.runtime.batching;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;

/**
 * Which of the waiting items run together, and which begin while other batches are under way.
 *
 * <ul>
 *   <li>A batch starts with the item that has waited longest and takes others in their order, as long as none has to wait for
 *       company much larger than itself: either the batch is small, or its items are within a factor of 4.
 *   <li>While a batch is under way, one begins in between that has at most a quarter of its remaining weight. So batches under way
 *       are nested, each a quarter of the one around it, and all of them hold at most 4/3 of what the largest holds alone.
 * </ul>
 *
 * <p>Immutable.
 *
 * @param maxWeight of a batch; an item that is heavier runs alone
 */
record BatchPolicy(int maxWeight) {

    /** How much heavier something must be for it to let others go first, and for others not to wait with it. */
    private static final int RATIO = 4;

    /** A batch up to this part of the largest is small: whoever waits for all of it does not wait long. */
    private static final int SMALL_PART = 8;

    /**
     * Takes the next batch out of the queue.
     *
     * @param underWay weight that the innermost batch under way has left, or infinity if there is none
     * @return no items if none may begin
     */
    <T, R> List<Entry<T, R>> take(Queue<Entry<T, R>> waiting, double underWay) {
        double room = underWay / RATIO;
        Batch<T, R> batch = new Batch<>(Math.min(maxWeight, room));
        for (Iterator<Entry<T, R>> next = waiting.iterator(); next.hasNext(); ) {
            Entry<T, R> entry = next.next();
            if (batch.entries.isEmpty() ? entry.weight() <= room : batch.welcomes(entry, maxWeight / SMALL_PART)) {
                batch.add(entry);
                next.remove();
            }
        }
        return batch.entries;
    }

    /** A batch that is being put together. */
    private static final class Batch<T, R> {

        private final double budget;
        private final List<Entry<T, R>> entries = new ArrayList<>();
        private long weight;
        private int lightest = Integer.MAX_VALUE;
        private int heaviest;

        Batch(double budget) {
            this.budget = budget;
        }

        boolean welcomes(Entry<T, R> entry, int small) {
            long together = weight + entry.weight();
            long apart = (long) RATIO * Math.min(lightest, entry.weight());
            return !entry.alone()
                    && !entries.getFirst().alone()
                    && together <= budget
                    && (together <= small || Math.max(heaviest, entry.weight()) <= apart);
        }

        void add(Entry<T, R> entry) {
            entries.add(entry);
            weight += entry.weight();
            lightest = Math.min(lightest, entry.weight());
            heaviest = Math.max(heaviest, entry.weight());
        }
    }
}
