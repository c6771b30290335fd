package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * How throughput grows with decoders where their number is not bounded by the machine's cores: the decoders' steps are SIMULATED, they
 * sleep ({@code engine/slept}). Everything else is as always: gateway, routing, tokenizer, cache, broker, gRPC and streams.
 */
class SleptScalingIT {

    private static final String PROPERTY = "tandem.test.scaling";
    private static final boolean WHOLE = Boolean.getBoolean(PROPERTY);

    /** Falling, so that nothing starts while something is measured. */
    private static final List<Integer> DECODERS = WHOLE ? List.of(16, 8, 4, 2, 1) : List.of(3, 1);

    private static final Duration WARM_UP = Duration.ofMillis(WHOLE ? 4_000 : 1_500);
    private static final Duration LENGTH = Duration.ofMillis(WHOLE ? 10_000 : 3_500);
    /** Promised on a machine that does nothing else. Beside other work, gateway and clients wait for cores too: only growth is left. */
    private static final double LINEAR = WHOLE ? 0.95 : 0.34;

    private static final int STEP_MILLIS = WHOLE ? 100 : 50;
    private static final int ANSWER_TOKENS = 16;
    private static final int BATCH = 4;
    /** More than there are places, so that a decoder is busy also while others have more than their share. */
    private static final int CLIENTS_PER_DECODER = (WHOLE ? 3 : 2) * BATCH;

    private static final Map<String, String> ENVIRONMENT =
            SleptLoad.environment(STEP_MILLIS, BATCH, Map.of("TANDEM_GATEWAY_BATCHES_PARALLEL_BESIDE_REQUESTS", "4"));

    @Test
    void throughputGrowsWithDecodersWhoseStepsAreSimulated() {
        int most = DECODERS.getFirst();
        Map<Integer, Double> rates = new TreeMap<>();
        try (SplitProcess split = start(most);
                SleptLoad load = new SleptLoad(split.api(), ANSWER_TOKENS)) {
            assertTrue(split.supervisor().output().contains("SIMULATED"), "the log says so");
            for (int decoders : DECODERS) {
                if (decoders < most) {
                    split.command(
                            "decoders " + decoders,
                            decoders == 1 ? "There is 1 decoder now" : "There are " + decoders + " decoders now");
                }
                rates.put(decoders, measure(split, load, decoders));
            }
            assertEquals(List.of(), load.wrong());
        }
        rates.forEach((decoders, rate) -> System.out.printf(
                Locale.ROOT,
                "%d decoders, SIMULATED steps of %d ms for %d answers: %.1f tokens/s, %.3f of linear%n",
                decoders,
                STEP_MILLIS,
                BATCH,
                rate,
                rate / decoders / rates.get(1)));
        rates.forEach((decoders, rate) -> assertTrue(
                rate >= LINEAR * decoders * rates.get(1),
                () -> "%d decoders write %.1f tokens/s, one writes %.1f".formatted(decoders, rate, rates.get(1))));
    }

    private static SplitProcess start(int decoders) {
        return SplitProcess.start(
                "slept-scaling",
                ENVIRONMENT,
                "--backend",
                "slept",
                "--served-model-name",
                SleptLoad.MODEL,
                "--decoders",
                Integer.toString(decoders));
    }

    private static double measure(SplitProcess split, SleptLoad load, int decoders) {
        double lines = lines(split);
        List<SplitProcess.Member> members = split.members("decoder");
        assertEquals(decoders, members.size());
        double rate = 0;
        try (SleptLoad.Running running = load.start(CLIENTS_PER_DECODER * decoders, 2 * decoders)) {
            LockSupport.parkNanos(WARM_UP.toNanos());
            List<Reading> before = members.stream().map(Reading::of).toList();
            LockSupport.parkNanos(LENGTH.toNanos());
            for (int i = 0; i < decoders; i++) {
                rate += Reading.of(members.get(i)).since(before.get(i));
            }
        }
        assertEquals(2 * decoders, lines(split) - lines, "a batch took part");
        return rate;
    }

    /** What a decoder had written at a time. */
    private record Reading(double tokens, long nanos) {

        static Reading of(SplitProcess.Member decoder) {
            return new Reading(decoder.operations().metric("tandem_decoder_tokens_total"), System.nanoTime());
        }

        /** Tokens a second. */
        double since(Reading earlier) {
            return (tokens - earlier.tokens) * TimeUnit.SECONDS.toNanos(1) / (nanos - earlier.nanos);
        }
    }

    private static double lines(SplitProcess split) {
        return split.api().metric("tandem_gateway_batch_lines_total", "outcome=\"completed\"");
    }
}
