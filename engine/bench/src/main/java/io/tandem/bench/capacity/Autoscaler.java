package io.tandem.bench.capacity;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The horizontal pod autoscaler with the triggers and bounds of {@code deploy/kubernetes/components/scaling/decoder.yaml}: looks every 15 s,
 * adds at once, at most doubling or four, and takes one away a minute after five quiet minutes. How old Prometheus's figures are is left
 * out. Mutable; owned by one {@link Simulation}.
 */
final class Autoscaler {

    private static final double SYNC_SECONDS = 15;
    /** Deviations that Kubernetes ignores. */
    private static final double TOLERANCE = 0.1;

    private static final int ADDED_AT_LEAST = 4;
    private static final double RATE_WINDOW_SECONDS = 60;
    private static final double QUIET_SECONDS = 300;
    private static final double REMOVAL_SECONDS = 60;

    private final Scenario.Scaling rule;
    private final Agenda agenda;
    private final Fleet fleet;

    /** Of the last minute. */
    private final Deque<Wait> waits = new ArrayDeque<>();

    private final Deque<Wish> wishes = new ArrayDeque<>();
    private double waitSum;
    private double lastRemoval = Double.NEGATIVE_INFINITY;

    private record Wait(double at, double seconds) {}

    private record Wish(double at, int decoders) {}

    Autoscaler(Scenario.Scaling rule, Agenda agenda, Fleet fleet) {
        this.rule = rule;
        this.agenda = agenda;
        this.fleet = fleet;
    }

    /** Begins to look. */
    void start() {
        agenda.after(SYNC_SECONDS, () -> {
            look();
            start();
        });
    }

    /** Somebody got a place after waiting so long. */
    void waited(double seconds) {
        waits.add(new Wait(agenda.now(), seconds));
        waitSum += seconds;
    }

    private void look() {
        int wanted = Math.clamp(Math.max(bySlots(), byWait()), rule.minimum(), rule.maximum());
        wishes.add(new Wish(agenda.now(), wanted));
        while (wishes.peek().at < agenda.now() - QUIET_SECONDS) {
            wishes.remove();
        }
        int ordered = fleet.ordered();
        if (wanted > ordered) {
            fleet.join(Math.min(wanted, Math.max(ordered + ADDED_AT_LEAST, 2 * ordered)) - ordered);
            return;
        }
        int quiet = wishes.stream().mapToInt(Wish::decoders).max().orElseThrow();
        if (quiet < ordered && agenda.now() - lastRemoval >= REMOVAL_SECONDS) {
            lastRemoval = agenda.now();
            fleet.leave(1);
        }
    }

    private int bySlots() {
        return scaled(fleet.rows() / (rule.places() * fleet.ordered()), fleet.ordered());
    }

    private int byWait() {
        while (!waits.isEmpty() && waits.peek().at < agenda.now() - RATE_WINDOW_SECONDS) {
            waitSum -= waits.remove().seconds;
        }
        double mean = waits.isEmpty() ? 0 : waitSum / waits.size();
        return scaled(mean / rule.waitSeconds(), fleet.serving().size());
    }

    /** What Kubernetes makes of the ratio of a figure to its target. */
    private int scaled(double ratio, int decoders) {
        return Math.abs(ratio - 1) <= TOLERANCE ? fleet.ordered() : (int) Math.ceil(ratio * decoders);
    }
}
