package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What decoders of one thread each write together, one more at a time, up to the cores of the machine. */
class SplitScalingIT {

    private static final String PROPERTY = "tandem.test.scaling";
    private static final Duration LENGTH = Duration.ofSeconds(12);
    private static final int CLIENTS = 12;
    /** Gateway and clients need cores, too. */
    private static final double TOLERATED = 0.7;

    @Test
    void throughputGrowsWithTheDecoders() {
        assumeTrue(
                Boolean.getBoolean(PROPERTY),
                "a measurement, for a machine that does nothing else: -D" + PROPERTY + "=true runs it");
        try (SplitProcess split = SplitProcess.start("split-scaling", "--decoders", "1");
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean over = new AtomicBoolean();
            for (int i = 0; i < CLIENTS; i++) {
                ObjectNode body = story(i);
                clients.execute(() -> {
                    while (!over.get()) {
                        split.api().post("/v1/completions", body);
                    }
                });
            }
            try {
                grow(split);
            } finally {
                over.set(true);
            }
        }
    }

    private static void grow(SplitProcess split) {
        int cores = Runtime.getRuntime().availableProcessors();
        double one = 0;
        for (int decoders = 1; decoders <= cores; decoders++) {
            if (decoders > 1) {
                split.command("decoders " + decoders, "There are " + decoders + " decoders now");
            }
            LockSupport.parkNanos(LENGTH.toNanos());
            double rate = rate(split);
            one = decoders == 1 ? rate : one;
            System.out.printf(
                    Locale.ROOT,
                    "%d decoders of 1 thread on %d cores: %.0f tokens/s, %.2f times those of one%n",
                    decoders,
                    cores,
                    rate,
                    rate / one);
            assertTrue(rate >= TOLERATED * decoders * one, "no growth at " + decoders);
        }
    }

    private static double rate(SplitProcess split) {
        double before = split.metric("decoder", "tandem_decoder_tokens_total");
        long start = System.nanoTime();
        LockSupport.parkNanos(LENGTH.toNanos());
        double tokens = split.metric("decoder", "tandem_decoder_tokens_total") - before;
        return tokens / ((System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    private static ObjectNode story(int number) {
        return Api.JSON
                .createObjectNode()
                .put("model", "demo-model")
                .put("prompt", "Write story " + number)
                .put("temperature", 1.2)
                .put("seed", number)
                .put("ignore_eos", true)
                .put("max_tokens", 400);
    }
}
