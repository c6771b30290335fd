package io.tandem.bench;

import io.tandem.engine.ops.WeightFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Our figures beside the peers', one line a measure.
 *
 * @param ours by measure, in the order they were taken
 * @param weights how ours were kept
 * @param peers whose measures have the same names
 */
record Comparison(Map<String, Double> ours, WeightFormat weights, List<Peer> peers) {

    /** Prints a table, or an object for each of its lines. */
    void print(Report report) {
        StringBuilder head = new StringBuilder("%-14s %10s".formatted("", "tandem"));
        peers.forEach(peer -> head.append(" %20s".formatted(peer.name())));
        report.note(head.append("  ratio to the best of the same precision").toString());
        ours.forEach((measure, figure) -> print(measure, figure, report));
    }

    private void print(String measure, double figure, Report report) {
        List<Object> fields = new ArrayList<>(List.of("of", measure, "tandem", Report.rounded(figure)));
        StringBuilder row = new StringBuilder("%-14s %10s".formatted(measure, Report.rounded(figure)));
        for (Peer peer : peers) {
            Double theirs = peer.figures().get(measure);
            row.append(" %20s".formatted(theirs == null ? "-" : Report.rounded(theirs)));
            if (theirs != null) {
                fields.addAll(List.of(peer.name(), Report.rounded(theirs)));
            }
        }
        bestOfSamePrecision(measure).ifPresent(best -> {
            double ratio =
                    Report.rounded(timesAsFast(measure, figure, best.figures().get(measure)));
            fields.addAll(List.of("best_peer", best.name(), "ratio", ratio));
            row.append(String.format(Locale.ROOT, "  %.2f (%s)", ratio, best.name()));
        });
        report.row("comparison", row.toString(), fields);
    }

    private Optional<Peer> bestOfSamePrecision(String measure) {
        return peers.stream()
                .filter(peer -> peer.isSamePrecision(weights))
                .filter(peer -> peer.figures().containsKey(measure))
                .max(Comparator.comparingDouble(
                        peer -> timesAsFast(measure, peer.figures().get(measure), 1)));
    }

    /** Figures are rates, but for pictures, which are seconds. */
    private static double timesAsFast(String measure, double figure, double other) {
        return measure.startsWith("vision") ? other / figure : figure / other;
    }
}
