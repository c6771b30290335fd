package io.tandem.decoder.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DecoderMetricsTest {

    @Test
    void stepTimesAreKeptByThePowerOfTwoUpToWhichTheirSequencesWere() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        DecoderMetrics metrics = new DecoderMetrics(registry);
        for (int sequences : new int[] {1, 2, 3, 4, 5, 8, 9, 32, 33}) {
            metrics.stepTook(sequences, TimeUnit.MILLISECONDS.toNanos(sequences));
        }
        Map<String, Double> millis = registry.find("tandem.decoder.step.duration").timers().stream()
                .collect(Collectors.toMap(
                        timer -> timer.getId().getTag("sequences"),
                        (Timer timer) -> timer.totalTime(TimeUnit.MILLISECONDS)));
        assertEquals(Map.of("1", 1.0, "2", 2.0, "4", 7.0, "8", 13.0, "16", 9.0, "32", 32.0, "64", 33.0), millis);
    }
}
