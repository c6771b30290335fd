package io.tandem.bench.capacity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Two decoders write 64 tokens/s each at most; answers have 64. */
class AutoscalerTest {

    private static final String[] SMALL = {
        "scaling.enabled", "true",
        "decoders.count", "2",
        "decoders.steps", "[{\"rows\": 1, \"millis\": 500}]",
        "encoders.tokensPerSecond", "1e9",
        "workload.answerTokens", "64",
        "workload.warmUp", "0",
        "workload.documents", "200",
        "workload.zipf", "0",
        "workload.documentTokens", "10",
        "workload.rate", "1"
    };

    private static Result run(String... more) {
        String[] all = new String[SMALL.length + more.length];
        System.arraycopy(SMALL, 0, all, 0, SMALL.length);
        System.arraycopy(more, 0, all, SMALL.length, more.length);
        return Scenarios.run(all);
    }

    @Test
    void asManyAsHoldThreeQuartersOfTheirPlaces() {
        // Little: 6 a second of 32 s each are 192 places, 24 for each decoder.
        Result result = run("workload.requests", "20000", "workload.rate", "6");
        double last = result.sizes().getLast().decoders();
        assertEquals(8, last, 1.5, result.sizes().toString());
    }

    @Test
    void decodersJoinAfterTheirStartUpAndLeaveOneAMinute() {
        Result result = run(
                "workload.requests", "6000",
                "workload.rateChanges", "[{\"atSeconds\": 100, \"rate\": 8}, {\"atSeconds\": 500, \"rate\": 1}]",
                "scaling.maximum", "16",
                "startUpSeconds", "40");
        Result.Size first = result.sizes().get(1);
        assertTrue(
                first.atSeconds() > 140 && first.atSeconds() < 220,
                result.sizes().toString());
        // Whoever waited long before the first of them served is in the mean of a minute, and more are ordered than
        // would do.
        int most = result.sizes().stream().mapToInt(Result.Size::decoders).max().orElseThrow();
        assertEquals(16, most, result.sizes().toString());
        double lastRise = 0;
        double lastFall = 0;
        for (int i = 1; i < result.sizes().size(); i++) {
            Result.Size before = result.sizes().get(i - 1);
            Result.Size size = result.sizes().get(i);
            if (size.decoders() > before.decoders()) {
                lastRise = size.atSeconds();
            } else {
                assertEquals(before.decoders() - 1, size.decoders());
                assertTrue(size.atSeconds() >= lastRise - 40 + 300, "five quiet minutes: " + size);
                assertTrue(size.atSeconds() >= lastFall + 60, "one a minute: " + size);
                lastFall = size.atSeconds();
            }
        }
        assertTrue(result.sizes().getLast().decoders() < most, result.sizes().toString());
    }

    @Test
    void noMoreThanTheMaximum() {
        Result result = run("workload.requests", "3000", "workload.rate", "20", "scaling.maximum", "5");
        assertEquals(
                5, result.sizes().stream().mapToInt(Result.Size::decoders).max().orElseThrow());
    }
}
