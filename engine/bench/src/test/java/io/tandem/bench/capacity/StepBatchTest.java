package io.tandem.bench.capacity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps of 1 s with one sequence, 2 s with two; slices of half a second. */
class StepBatchTest {

    private final Agenda agenda = new Agenda();
    private final StepBatch batch = new StepBatch(
            agenda, new StepTimes(List.of(new Scenario.Step(1, 1000), new Scenario.Step(2, 2000))), 2, 0.5);
    private final List<String> log = new ArrayList<>();

    private void join(double at, String name, int steps) {
        agenda.at(
                at,
                () -> batch.join(steps, new StepBatch.Listener() {
                    @Override
                    public void started(double firstToken) {
                        log.add("%s starts at %.1f, first token at %.1f".formatted(name, agenda.now(), firstToken));
                    }

                    @Override
                    public void ended() {
                        log.add("%s ends at %.1f".formatted(name, agenda.now()));
                    }
                }));
    }

    @Test
    void sequencesJoinAndLeaveBetweenSteps() {
        join(0, "a", 4);
        join(1.5, "b", 2);
        while (agenda.runNext()) {
            // To the end.
        }
        assertEquals(
                List.of(
                        "a starts at 0.0, first token at 1.0",
                        "b starts at 2.0, first token at 4.0",
                        "a ends at 6.0",
                        "b ends at 6.0"),
                log);
        assertEquals(6, batch.busySeconds(), 1e-9);
        assertEquals(2 + 8, batch.rowSeconds(), 1e-9);
    }

    @Test
    void whoFindsNoPlaceWaitsForOne() {
        join(0, "a", 2);
        join(0, "b", 3);
        join(0, "c", 1);
        while (agenda.runNext()) {
            // To the end.
        }
        assertEquals(
                List.of(
                        "a starts at 0.0, first token at 2.0",
                        "b starts at 0.0, first token at 2.0",
                        "c starts at 4.0, first token at 6.0",
                        "a ends at 4.0",
                        "b ends at 6.0",
                        "c ends at 6.0"),
                log);
    }

    @Test
    void loadsComputeBetweenSteps() {
        join(0, "a", 4);
        agenda.at(0.2, () -> batch.share(true));
        agenda.at(3, () -> {
            assertEquals(3, batch.stretch(), 1e-9, "1 s of steps for each half of a load");
            batch.share(false);
        });
        while (agenda.runNext()) {
            // To the end.
        }
        assertEquals(List.of("a starts at 0.0, first token at 1.0", "a ends at 5.0"), log, "two steps of 1.5 s");
        assertEquals(1, batch.stretch());
    }
}
