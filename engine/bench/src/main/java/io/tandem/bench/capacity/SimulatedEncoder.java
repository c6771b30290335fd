package io.tandem.bench.capacity;

import io.tandem.routing.Candidate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder-service: each segment is encoded once for all who ask meanwhile, one at a time, the shortest first; a segment of at most a
 * quarter of the length goes between the slices of the one that is being encoded. Mutable; owned by one {@link Simulation}.
 */
final class SimulatedEncoder implements Candidate {

    /** How much longer a text must be for another one to go between its slices: {@code BatchPolicy} of the encoder-service. */
    private static final int LONGER = 4;

    private final long hash;
    private final Agenda agenda;
    private final double tokensPerSecond;
    private final Map<Segment, Job> jobs = new HashMap<>();
    private final List<Job> queue = new ArrayList<>();

    /** Begun; the first is being encoded, the others wait for it. */
    private final Deque<Job> begun = new ArrayDeque<>();

    private double since;
    private int plans;
    private double busySeconds;

    private static final class Job {
        private final Segment segment;
        private final List<Runnable> whenDone = new ArrayList<>();
        private double secondsLeft;

        private Job(Segment segment, double seconds) {
            this.segment = segment;
            this.secondsLeft = seconds;
        }

        private boolean isLongFor(Job other) {
            return segment.tokens() >= LONGER * other.segment.tokens();
        }
    }

    SimulatedEncoder(long hash, Agenda agenda, double tokensPerSecond) {
        this.hash = hash;
        this.agenda = agenda;
        this.tokensPerSecond = tokensPerSecond;
    }

    @Override
    public long hash() {
        return hash;
    }

    /** Encoders have no load bound, so that nobody asks. */
    @Override
    public int inFlight() {
        return 0;
    }

    /** Seconds in which the model ran. */
    double busySeconds() {
        return busySeconds;
    }

    /**
     * Encodes a segment, or waits with those for whom it is being encoded already.
     *
     * @return whether it is encoded for this call
     */
    boolean encode(Segment segment, Runnable whenDone) {
        Job present = jobs.get(segment);
        if (present != null) {
            present.whenDone.add(whenDone);
            return false;
        }
        Job job = new Job(segment, segment.tokens() / tokensPerSecond);
        job.whenDone.add(whenDone);
        jobs.put(segment, job);
        if (begun.isEmpty() || begun.peek().isLongFor(job)) {
            pause();
            begin(job);
        } else {
            queue.add(job);
        }
        return true;
    }

    private void pause() {
        if (!begun.isEmpty()) {
            double elapsed = agenda.now() - since;
            begun.peek().secondsLeft -= elapsed;
            busySeconds += elapsed;
        }
    }

    private void begin(Job job) {
        begun.push(job);
        resume();
    }

    private void resume() {
        since = agenda.now();
        int plan = ++plans;
        agenda.after(begun.peek().secondsLeft, () -> {
            if (plan == plans) {
                end();
            }
        });
    }

    private void end() {
        pause();
        Job job = begun.pop();
        jobs.remove(job.segment);
        queue.stream()
                .min(Comparator.comparingInt(waiting -> waiting.segment.tokens()))
                .filter(shortest -> begun.isEmpty() || begun.peek().isLongFor(shortest))
                .ifPresentOrElse(
                        shortest -> {
                            queue.remove(shortest);
                            begin(shortest);
                        },
                        () -> {
                            if (!begun.isEmpty()) {
                                resume();
                            }
                        });
        job.whenDone.forEach(Runnable::run);
    }
}
