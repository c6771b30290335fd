package io.tandem.engine.runner;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Who computes when the cores are wanted by several roles: one at a time, each for one slice of bounded work.
 *
 * <p>The policy: a decoder step that waits goes next, unless the last turn was a decoder's too and somebody else waits. So a step
 * waits for one slice at most, and what reads gets a slice after every step. Among the others the role goes next that has had the
 * least time for its {@link Role#weight}; time in which it wanted none is lost to it. Within a role, first come, first
 * served.
 *
 * <p>Safe for any number of threads; one for all runners of an engine. Takes no memory after construction.
 */
public final class ComputeTurns {

    /** What a turn is taken for. */
    public enum Role {
        /** A step of the decoder. */
        DECODER(1),
        /** Keys and values of encoder states for a request that is about to be decoded: its reader is the next to see a token. */
        MEMORY(2),
        /** A slice of an encoder pass. */
        ENCODER(1),
        /** A slice of a vision pass. */
        VISION(1);

        private final int weight;

        Role(int weight) {
            this.weight = weight;
        }

        /** Share of the time beside other roles that want turns; the decoder's own comes from the policy. */
        public int weight() {
            return weight;
        }
    }

    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition[] granted = new Condition[Role.values().length];
    private final Turn[] turns = new Turn[Role.values().length];
    private final int[] waiting = new int[Role.values().length];

    /** Nanoseconds that each role has had, divided by its weight. */
    private final long[] used = new long[Role.values().length];

    /** The most that a role other than the decoder had had when it got a turn. */
    private long reached;

    private boolean taken;
    private Role next;
    private Role last = Role.ENCODER;

    /** Makes turns that nobody has. */
    public ComputeTurns() {
        this(System::nanoTime);
    }

    /** @param clock nanoseconds */
    ComputeTurns(LongSupplier clock) {
        this.clock = clock;
        for (Role role : Role.values()) {
            granted[role.ordinal()] = lock.newCondition();
            turns[role.ordinal()] = new Turn(role);
        }
    }

    /** The right to compute, until it is closed. */
    public final class Turn implements AutoCloseable {

        private final Role role;
        private long start;
        private boolean alone;

        private Turn(Role role) {
            this.role = role;
        }

        /** Whether nobody else has computed since this role's turn before, and nobody waited when this one began. */
        public boolean alone() {
            return alone;
        }

        @Override
        public void close() {
            end(this);
        }
    }

    /** Waits for a turn. A thread that has one must not ask for another. */
    public Turn take(Role role) {
        Turn turn = turns[role.ordinal()];
        lock.lock();
        try {
            // A role that comes back starts level with the others: there is no saving up.
            used[role.ordinal()] = Math.max(used[role.ordinal()], reached);
            if (taken || next != null) {
                await(role);
            }
            next = null;
            taken = true;
            turn.alone = last == role && nobodyWaits();
            last = role;
            if (role != Role.DECODER) {
                reached = Math.max(reached, used[role.ordinal()]);
            }
            turn.start = clock.getAsLong();
        } finally {
            lock.unlock();
        }
        return turn;
    }

    private boolean nobodyWaits() {
        for (int count : waiting) {
            if (count > 0) {
                return false;
            }
        }
        return true;
    }

    private void await(Role role) {
        waiting[role.ordinal()]++;
        do {
            granted[role.ordinal()].awaitUninterruptibly();
        } while (taken || next != role);
        waiting[role.ordinal()]--;
    }

    private void end(Turn turn) {
        lock.lock();
        try {
            used[turn.role.ordinal()] += (clock.getAsLong() - turn.start) / turn.role.weight();
            taken = false;
            next = choose();
            if (next != null) {
                granted[next.ordinal()].signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The role whose turn it is, or null if nobody waits. */
    private Role choose() {
        Role reader = null;
        for (Role role : Role.values()) {
            if (role != Role.DECODER
                    && waiting[role.ordinal()] > 0
                    && (reader == null || used[role.ordinal()] < used[reader.ordinal()])) {
                reader = role;
            }
        }
        boolean decoderWaits = waiting[Role.DECODER.ordinal()] > 0;
        return decoderWaits && (last != Role.DECODER || reader == null) ? Role.DECODER : reader;
    }
}
