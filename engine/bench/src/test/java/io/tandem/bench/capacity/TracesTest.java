package io.tandem.bench.capacity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracesTest {

    @TempDir
    Path folder;

    private static Trace trace(String... changes) {
        Scenario scenario = Scenarios.with(changes);
        return Traces.of(scenario.workload(), scenario.seed());
    }

    @Test
    void popularityFollowsZipf() {
        Map<Integer, Long> counts =
                trace("workload.requests", "100000", "workload.documents", "50", "workload.zipf", "1.2")
                        .requests()
                        .stream()
                        .collect(Collectors.groupingBy(one -> one.document().id(), Collectors.counting()));
        double ratio = counts.get(0) / (double) counts.get(9);
        assertEquals(Math.pow(10, 1.2), ratio, 1.5, "the first to the tenth");
    }

    @Test
    void arrivalsArePoissonWithTheRateOfTheirTime() {
        List<Request> requests = trace(
                        "workload.requests", "30000",
                        "workload.rate", "50",
                        "workload.rateChanges",
                                "[{\"atSeconds\": 100, \"rate\": 10}, {\"atSeconds\": 200, \"rate\": 100}]")
                .requests();
        assertEquals(5000, between(requests, 0, 100), 250);
        assertEquals(1000, between(requests, 100, 200), 120);
        assertEquals(10000, between(requests, 200, 300), 350);
    }

    @Test
    void answersHaveTheLengthsThatAreAskedFor() {
        assertEquals(
                60,
                trace("workload.requests", "50000").requests().stream()
                        .mapToInt(Request::answerTokens)
                        .average()
                        .orElseThrow(),
                1.5);
        assertTrue(trace("workload.requests", "100", "workload.answerLengths", "fixed").requests().stream()
                .allMatch(one -> one.answerTokens() == 60));
    }

    @Test
    void filesSayWhatIsAsked() throws IOException {
        Path popularity = write("popularity", "# weight tokens", "1 100", "0 200", "3 300");
        Path arrivals = write("arrivals", "0.5 1 7", "", "0.75 2", "1");
        List<Request> requests = trace(
                        "workload.arrivals", arrivals.toString(), "workload.popularity", popularity.toString())
                .requests();
        assertEquals(
                List.of(0.5, 0.75, 1.0), requests.stream().map(Request::arrival).toList());
        assertEquals(200, requests.get(0).document().tokens());
        assertEquals(7, requests.get(0).answerTokens());
        assertEquals(300, requests.get(1).document().tokens());
        assertTrue(requests.get(2).document().tokens() != 200, "has no weight");
    }

    @Test
    void wrongLinesAreNamed() throws IOException {
        assertWrong("\"1 2 3 4\" must have 1 to 3 numbers", "1 2 3 4");
        assertWrong("\"soon\" has something that is no number", "soon");
        assertWrong("document 100 of 100, which count from 0", "1 100");
        assertWrong("a request at 1.0 s follows one at 2.0 s", "2", "1");
        assertWrong("has no lines", "# nothing");
    }

    @Test
    void wrongScenariosAreNamed() throws IOException {
        assertRefused("decoder.count is no field of a scenario; there are decoders, encoders", "decoder.count", "3");
        assertRefused("count, places and loaders must be 1 or more", "decoders.count", "0");
        assertRefused(
                "rows must grow", "decoders.steps", "[{\"rows\": 2, \"millis\": 1}, {\"rows\": 1, \"millis\": 1}]");
        assertRefused("Cannot deserialize", "decoders.count", "many");
        Path file = write("scenario.json", "{\"workload\": {\"rat\": 3}}");
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> ScenarioFile.read(Optional.of(file), Map.of()));
        assertTrue(refused.getMessage().contains("workload: rat is no field"), refused.getMessage());
    }

    @Test
    void theCommandLineWinsOverTheFileAndTheFileOverTheDefault() throws IOException {
        Path file = write("scenario.json", "{\"decoders\": {\"count\": 7, \"places\": 9}}");
        Scenario scenario = ScenarioFile.read(Optional.of(file), Map.of("decoders.count", "8"));
        assertEquals(8, scenario.decoders().count());
        assertEquals(9, scenario.decoders().places());
        assertEquals(2, scenario.decoders().loaders());
    }

    private void assertWrong(String message, String... lines) throws IOException {
        assertRefused(message, "workload.arrivals", write("wrong", lines).toString());
    }

    private static void assertRefused(String message, String... changes) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> trace(changes));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    private static long between(List<Request> requests, double from, double to) {
        return requests.stream()
                .filter(one -> one.arrival() >= from && one.arrival() < to)
                .count();
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }
}
