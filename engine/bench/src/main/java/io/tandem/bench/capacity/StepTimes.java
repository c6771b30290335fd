package io.tandem.bench.capacity;

import java.util.List;

/** How long a decoder step takes, by the sequences in it: on straight lines between what was measured. Immutable. */
final class StepTimes {

    private final List<Scenario.Step> measured;

    /** @param measured at least one, with ever more rows */
    StepTimes(List<Scenario.Step> measured) {
        this.measured = List.copyOf(measured);
    }

    /** Seconds that a step takes; with fewer rows than were measured as long as the smallest, with more on the last line. */
    double seconds(int rows) {
        Scenario.Step first = measured.getFirst();
        if (rows <= first.rows() || measured.size() == 1) {
            return first.millis() / 1e3;
        }
        int above = 1;
        while (above < measured.size() - 1 && measured.get(above).rows() < rows) {
            above++;
        }
        Scenario.Step low = measured.get(above - 1);
        Scenario.Step high = measured.get(above);
        double slope = (high.millis() - low.millis()) / (high.rows() - low.rows());
        return (low.millis() + slope * (rows - low.rows())) / 1e3;
    }
}
