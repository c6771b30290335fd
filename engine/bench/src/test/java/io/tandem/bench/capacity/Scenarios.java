package io.tandem.bench.capacity;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Small installations for tests. */
final class Scenarios {

    private Scenarios() {}

    /** The default with other values: field, value, field, value ... */
    static Scenario with(String... changes) {
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            values.put(changes[i], changes[i + 1]);
        }
        return ScenarioFile.read(Optional.empty(), values);
    }

    /** Runs what the scenario asks itself. */
    static Result run(Scenario scenario) {
        return Simulation.run(scenario, Traces.of(scenario.workload(), scenario.seed()));
    }

    static Result run(String... changes) {
        return run(with(changes));
    }
}
