package io.tandem.bench.capacity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Continuous batching of one decoder: sequences join and leave between steps, in order of arrival. Between two changes all steps take
 * equally long, so they are passed over at once and a run costs events by requests, not by tokens. Mutable; owned by its decoder.
 */
final class StepBatch {

    /** Roundings of a time that was a sum of steps must not cost another step. */
    private static final double ROUNDING = 1e-6;

    private final Agenda agenda;
    private final double[] seconds;
    private final int places;
    private final double slice;
    private final List<Sequence> running = new ArrayList<>();
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private boolean sharing;
    private double since;
    private double stepSeconds;
    private int planned;
    private int plans;
    private double busySeconds;
    private double rowSeconds;

    /** Hears how an answer goes on. */
    interface Listener {
        /** It has a place. */
        void started(double firstToken);

        /** All its tokens are written. */
        void ended();
    }

    private static final class Sequence {
        private final Listener listener;
        private int stepsLeft;

        private Sequence(int steps, Listener listener) {
            this.stepsLeft = steps;
            this.listener = listener;
        }
    }

    /**
     * @param places sequences in a step at most
     * @param slice seconds that a load computes after each step
     */
    StepBatch(Agenda agenda, StepTimes times, int places, double slice) {
        this.agenda = agenda;
        this.places = places;
        this.slice = slice;
        this.seconds = new double[places + 1];
        for (int rows = 1; rows <= places; rows++) {
            seconds[rows] = times.seconds(rows);
        }
    }

    /** Writes an answer of so many steps, as soon as there is a place. */
    void join(int steps, Listener listener) {
        waiting.add(new Sequence(steps, listener));
        if (running.isEmpty()) {
            since = agenda.now();
            plan(0);
        } else if (running.size() < places) {
            changeAfterStep();
        }
    }

    /** Says whether a load computes beside the steps, in slices between them: each is longer by one. */
    void share(boolean loading) {
        if (sharing != loading && slice > 0) {
            sharing = loading;
            if (!running.isEmpty()) {
                changeAfterStep();
            }
        }
    }

    /** How many times longer a load takes beside the steps of now than alone. */
    double stretch() {
        return running.isEmpty() || slice == 0 ? 1 : 1 + seconds[running.size()] / slice;
    }

    private void changeAfterStep() {
        int underWay = (int) Math.ceil((agenda.now() - since) / stepSeconds - ROUNDING);
        if (underWay < planned) {
            plan(underWay);
        }
    }

    /** Sequences that have a place. */
    int rows() {
        return running.size();
    }

    /** Seconds in which steps ran, with the slices between them. */
    double busySeconds() {
        return busySeconds;
    }

    /** The same, times the sequences in the steps. */
    double rowSeconds() {
        return rowSeconds;
    }

    /** What was planned before is void: something changes after so many steps. */
    private void plan(int steps) {
        planned = steps;
        int plan = ++plans;
        agenda.at(since + steps * stepSeconds, () -> {
            if (plan == plans) {
                change();
            }
        });
    }

    private void change() {
        List<Listener> ended = settle();
        List<Listener> started = new ArrayList<>();
        while (running.size() < places && !waiting.isEmpty()) {
            Sequence next = waiting.remove();
            running.add(next);
            started.add(next.listener);
        }
        since = agenda.now();
        if (!running.isEmpty()) {
            stepSeconds = seconds[running.size()] + (sharing ? slice : 0);
            plan(running.stream().mapToInt(one -> one.stepsLeft).min().orElseThrow());
        }
        // Who is told may have more to write: by now the next steps are planned.
        started.forEach(one -> one.started(since + stepSeconds));
        ended.forEach(Listener::ended);
    }

    private List<Listener> settle() {
        busySeconds += planned * stepSeconds;
        rowSeconds += planned * stepSeconds * running.size();
        List<Listener> ended = new ArrayList<>();
        running.forEach(one -> one.stepsLeft -= planned);
        running.removeIf(one -> {
            boolean over = one.stepsLeft == 0;
            if (over) {
                ended.add(one.listener);
            }
            return over;
        });
        planned = 0;
        return ended;
    }
}
