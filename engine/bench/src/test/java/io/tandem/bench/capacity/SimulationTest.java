package io.tandem.bench.capacity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {

    @Test
    void everyRequestIsAnsweredOnce() {
        Result result = Scenarios.run(
                "workload.requests", "3000",
                "workload.warmUp", "0",
                "workload.rate", "4",
                "decoders.memoryBytes", "400000000",
                "changes", "[{\"atSeconds\": 100, \"decoders\": 2}, {\"atSeconds\": 300, \"decoders\": -3}]");
        assertEquals(3000, result.answered());
        assertEquals(3000, sum(result.documents()));
        assertEquals(6000, sum(result.segments()));
        assertEquals(3000 * (2048 + 24), sum(result.tokens()));
        assertEquals(
                3000, result.slices().stream().mapToInt(Result.Slice::arrivals).sum());
        assertEquals(
                List.of(3, 5, 2),
                result.sizes().stream().map(Result.Size::decoders).toList());
        assertEquals(130, result.sizes().get(1).atSeconds(), 1e-9, "the start-up takes 30 s");
    }

    @Test
    void clientsThatWaitGetAllTheirAnswers() {
        Result result = Scenarios.run("workload.clients", "7", "workload.requests", "500", "workload.warmUp", "0");
        assertEquals(500, result.answered());
        double inFlight = result.answered()
                * result.waits().answer().mean()
                / result.pace().seconds();
        assertEquals(7, inFlight, 0.3, "Little's law");
    }

    @Test
    void sameSeedSameResult() {
        String[] scenario = {"workload.requests", "2000", "decoders.memoryBytes", "300000000", "scaling.enabled", "true"
        };
        assertEquals(Scenarios.run(scenario), Scenarios.run(scenario));
        List<String> other = new ArrayList<>(List.of(scenario));
        other.addAll(List.of("seed", "2"));
        assertNotEquals(Scenarios.run(scenario), Scenarios.run(other.toArray(String[]::new)));
    }

    /** One place and answers of many short steps: nearly exponential service. W_q = rho / (1 - rho) times the service time. */
    @Test
    void oneDecoderWithOnePlaceIsAnMm1Queue() {
        for (double load : List.of(0.5, 0.8)) {
            Result result = Scenarios.run(
                    "decoders.count", "1",
                    "decoders.places", "1",
                    "decoders.steps", "[{\"rows\": 1, \"millis\": 1}]",
                    "decoders.loadMillis", "0",
                    "decoders.loadMillisPerToken", "0",
                    "encoders.tokensPerSecond", "1e9",
                    "workload.requests", "200000",
                    "workload.answerTokens", "500",
                    "workload.documents", "1",
                    "workload.rate", String.valueOf(load / 0.5));
            double expected = load / (1 - load) * 0.5;
            assertEquals(expected, result.waits().queue().mean(), 0.06 * expected, "at a load of " + load);
            assertEquals(load, result.use().busy(), 0.02);
            // Exponential beyond the share of those that do not wait: P(W > t) = rho exp(-(mu - lambda) t).
            double p99 = Math.log(load / 0.01) / ((1 - load) / 0.5);
            assertEquals(p99, result.waits().queue().p99(), 0.1 * p99);
        }
    }

    @Test
    void twoDecodersDoTwiceAsMuchAsOne() {
        double one = tokensPerSecond("1");
        assertEquals(320, one, 5, "32 rows a step of 100 ms");
        assertEquals(2 * one, tokensPerSecond("2"), 0.05 * one);
    }

    private static double tokensPerSecond(String decoders) {
        Result result = Scenarios.run(
                "decoders.count", decoders,
                "decoders.steps", "[{\"rows\": 1, \"millis\": 100}]",
                "encoders.tokensPerSecond", "1e9",
                "workload.answerLengths", "fixed",
                "workload.answerTokens", "50",
                "workload.documents", "1000",
                "workload.documentTokens", "10",
                "workload.zipf", "0",
                "workload.clients", "400",
                "workload.requests", "8000");
        return result.pace().tokens();
    }

    /** The same documents in the same order through an LRU of as many as fit, one request at a time. */
    @Test
    void hitsAreThoseOfAnLruCountedByHand() {
        int room = 10;
        Scenario scenario = Scenarios.with(
                "decoders.count", "1",
                "decoders.bytesPerToken", "1",
                // The question is resident as well, and goes first: it was used once.
                "decoders.memoryBytes", String.valueOf(room * 1000 + 1),
                "workload.documentTokens", "1000",
                "workload.questionTokens", "1",
                "workload.questions", "1",
                "workload.documents", "60",
                "workload.clients", "1",
                "workload.warmUp", "0",
                "workload.requests", "5000");
        Trace trace = Traces.of(scenario.workload(), scenario.seed());
        List<Segment> kept = new ArrayList<>();
        int hits = 0;
        for (Request request : trace.requests()) {
            hits += kept.remove(request.document()) ? 1 : 0;
            kept.add(request.document());
            if (kept.size() > room) {
                kept.removeFirst();
            }
        }
        Result result = Simulation.run(scenario, trace);
        assertEquals(hits, result.documents().resident());
        assertTrue(hits > 1500 && hits < 4000, hits + " hits say nothing");
    }

    @Test
    void aHundredRequestsForOneNewDocumentEncodeItOnce() {
        List<Request> requests = new ArrayList<>();
        Segment document = new Segment(0, 7, 8000);
        for (int i = 0; i < 100; i++) {
            requests.add(new Request(0.001 * i, document, new Segment(1 + i, 1 + i, 20), 10));
        }
        Result result = Simulation.run(Scenarios.with("workload.warmUp", "0"), new Trace(requests, 0));
        assertEquals(1, result.reading().encodesPerDocument());
        assertEquals(99, result.reading().joined());
        assertEquals(101, result.reading().encoded(), "with a hundred questions");
        double reading = 8000 / 1439.0;
        assertTrue(result.waits().firstToken().p50() > reading, "nobody is answered before it is read");
        assertTrue(result.waits().firstToken().p99() < reading + 5, "and all soon after");
    }

    @Test
    void statesThatTheCacheHasLostAreEncodedAgain() {
        Result result = Scenarios.run(
                "cache.bytes", String.valueOf(2560 * 2100L),
                "workload.zipf", "0",
                "workload.requests", "400",
                "workload.rate", "0.3");
        assertEquals(400, result.answered() + 80);
        assertTrue(result.reading().encodesPerDocument() > 3, result.reading().toString());
    }

    @Test
    void documentsThatWereUploadedAreInTheCacheAlready() {
        Result all = Scenarios.run("cache.prepared", "true", "workload.requests", "1000");
        assertEquals(0, all.reading().encodedDocuments());
        assertEquals(0.5, all.reading().hitRate(), 0.001, "all documents, no question");
        Result few = Scenarios.run(
                "cache.prepared", "true",
                "cache.bytes", String.valueOf(2560 * 2048L * 60),
                "workload.requests", "1000");
        assertTrue(few.reading().encodedDocuments() > 40, few.reading().toString());
    }

    @Test
    void shortTextsGoBetweenTheSlicesOfLongOnes() {
        Segment book = new Segment(0, 1, 14390);
        Segment note = new Segment(1, 2, 100);
        List<Request> requests =
                List.of(new Request(0, book, new Segment(2, 3, 10), 1), new Request(1, note, new Segment(3, 4, 10), 1));
        Result result = Simulation.run(Scenarios.with("workload.warmUp", "0"), new Trace(requests, 0));
        assertTrue(result.waits().firstToken().p50() < 0.5, "the note is answered at once");
        assertEquals(10 + 0.14, result.waits().firstToken().p99(), 3, "the book after ten seconds");
    }

    @Test
    void tooSmallAMemoryIsRefusedWithBothNumbers() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Scenarios.run("decoders.memoryBytes", "1000"));
        assertTrue(refused.getMessage().contains("decoders.memoryBytes, which is 1000"), refused.getMessage());
    }

    /** 1,000 decoders and enough work for all of them, in seconds. */
    @Test
    void aThousandDecodersAreSimulatedInSeconds() {
        long start = System.nanoTime();
        Result result = Scenarios.run(
                "decoders.count", "1000",
                "encoders.count", "300",
                "cache.bytes", "1e12",
                "workload.documents", "20000",
                "workload.requests", "100000",
                "workload.rate", "1500");
        double seconds = (System.nanoTime() - start) / 1e9;
        assertEquals(80_000, result.answered());
        assertEquals(1, result.reading().encodesPerDocument());
        assertTrue(seconds < 20, seconds + " s");
    }

    private static long sum(Result.Hits hits) {
        return hits.resident() + hits.loading() + hits.absent();
    }
}
