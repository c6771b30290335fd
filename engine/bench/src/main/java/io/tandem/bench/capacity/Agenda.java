package io.tandem.bench.capacity;

import java.util.PriorityQueue;

/** What is still to happen, in order of time. Mutable; owned by one {@link Simulation}, on its thread. */
final class Agenda {

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private double now;
    private long numbers;

    /** Whatever is due at the same time happens in the order in which it was put down: a run can be repeated. */
    private record Entry(double time, long number, Runnable action) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int order = Double.compare(time, other.time);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    /** Seconds since the beginning. */
    double now() {
        return now;
    }

    /** Puts something down for so many seconds from now. */
    void after(double seconds, Runnable action) {
        at(now + seconds, action);
    }

    /** Puts something down for a time, or for now if that is over. */
    void at(double time, Runnable action) {
        entries.add(new Entry(Math.max(now, time), numbers++, action));
    }

    /** Lets the next thing happen; false if there is none. */
    boolean runNext() {
        Entry next = entries.poll();
        if (next == null) {
            return false;
        }
        now = next.time;
        next.action.run();
        return true;
    }
}
