package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Ten times as many requests as the server can serve: those that it takes it answers, as fast as without the rest, and the rest
 * learns at once. Its length in seconds is the property tandem.test.flood; the promised times are held to when
 * tandem.test.flood.exact is set, on a machine that does nothing else.
 */
class FloodIT {

    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("tandem.test.flood", 10));
    /** Of finding out what the server can serve, after as long a time of getting warm. */
    private static final Duration CALIBRATION = Duration.ofSeconds(Math.clamp(LENGTH.toSeconds() / 2, 5, 10));

    private static final boolean EXACT = Boolean.getBoolean("tandem.test.flood.exact");
    /** One core is left to refuse on, and for the clients. */
    private static final String THREADS =
            String.valueOf(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));

    private static final int PLACES = 8;
    private static final int WAITING = 16;
    private static final int TIMES = 10;
    /** Enough for all that wait and for those that are refused meanwhile. */
    private static final int CLIENTS = PLACES + WAITING + 40;

    private static final double PROMISED_REFUSAL_MILLIS = 10;
    private static final double PROMISED_THROUGHPUT = 0.9;
    /** On a machine that does other things too. */
    private static final double TOLERATED_REFUSAL_MILLIS = 1000;

    private static final double TOLERATED_THROUGHPUT = 0.3;
    private static final long HEAP_SLACK = 24 << 20;

    private final AtomicInteger asked = new AtomicInteger();

    /** One response. */
    private record Result(int status, long sentAt, double millis) {}

    @Test
    void refusesAtOnceAndServesAsFastAsEver() throws Exception {
        Map<String, String> settings = Map.of(
                "TANDEM_GATEWAY_ADMISSION_CONCURRENCY", String.valueOf(PLACES),
                "TANDEM_GATEWAY_ADMISSION_QUEUE", String.valueOf(WAITING));
        try (TandemProcess tandem =
                TandemProcess.start("flood", TandemProcess.demoModel().toString(), settings, "--threads", THREADS)) {
            Api api = tandem.api();
            HttpWire wire = new HttpWire(tandem.port());
            String model = api.model();
            closedLoop(wire, model, CALIBRATION);
            double best = rate(closedLoop(wire, model, CALIBRATION), CALIBRATION);
            Quiet.isRestored(api);
            long heap = tandem.heapAfterCollection();

            List<Result> results = openLoop(wire, model, TIMES * best);

            List<Double> refusals = results.stream()
                    .filter(result -> result.status == 429)
                    .map(Result::millis)
                    .sorted()
                    .toList();
            long answered =
                    results.stream().filter(result -> result.status == 200).count();
            assertEquals(results.size(), answered + refusals.size(), "nothing but answers and refusals");
            assertTrue(
                    refusals.size() > results.size() / 2,
                    refusals.size() + " of " + results.size() + " refused; that is no flood");
            Quiet.isRestored(api);
            long heapNow = tandem.heapAfterCollection();
            double throughput = rate(results, LENGTH) / best;
            double p99 = refusals.get(refusals.size() * 99 / 100);
            System.out.printf(
                    "%.1f requests/s at best; %.1f offered, %d answered, %d refused in P50 %.1f ms, P99 %.1f ms; throughput %.0f %%; heap %,d -> %,d%n",
                    best,
                    TIMES * best,
                    answered,
                    refusals.size(),
                    refusals.get(refusals.size() / 2),
                    p99,
                    100 * throughput,
                    heap,
                    heapNow);
            assertTrue(
                    p99 < (EXACT ? PROMISED_REFUSAL_MILLIS : TOLERATED_REFUSAL_MILLIS), "refusals took " + p99 + " ms");
            assertTrue(
                    throughput >= (EXACT ? PROMISED_THROUGHPUT : TOLERATED_THROUGHPUT),
                    "throughput fell to " + throughput);
            assertTrue(heapNow <= heap + HEAP_SLACK, "the heap held %,d bytes, now %,d".formatted(heap, heapNow));
        }
    }

    /** As many clients as there are places, each with its next request as soon as it has an answer. */
    private List<Result> closedLoop(HttpWire wire, String model, Duration length) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        return clients(PLACES, results -> {
            while (System.nanoTime() < end) {
                results.add(ask(wire, model, System.nanoTime()));
            }
        });
    }

    /** Requests at their times, whatever became of those before them. */
    private List<Result> openLoop(HttpWire wire, String model, double perSecond) throws Exception {
        long start = System.nanoTime();
        long interval = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        AtomicInteger next = new AtomicInteger();
        return clients(CLIENTS, results -> {
            for (long due = due(next, interval); due < LENGTH.toNanos(); due = due(next, interval)) {
                LockSupport.parkNanos(start + due - System.nanoTime());
                results.add(ask(wire, model, System.nanoTime()));
            }
        });
    }

    private static long due(AtomicInteger next, long interval) {
        return next.getAndIncrement() * interval;
    }

    /** Every request is about something else, so that nothing comes out of the cache. */
    private Result ask(HttpWire wire, String model, long sentAt) throws IOException {
        String prompt = "Room %d. ".formatted(asked.incrementAndGet()) + "The meeting begins at nine. ".repeat(40);
        byte[] body = "{\"model\": \"%s\", \"prompt\": \"%s\", \"max_tokens\": 48, \"temperature\": 1.5}"
                .formatted(model, prompt)
                .getBytes(StandardCharsets.UTF_8);
        int status = wire.send(HttpWire.post("/v1/completions", body, "Content-Type: application/json"))
                .status();
        return new Result(status, sentAt, (System.nanoTime() - sentAt) / 1e6);
    }

    /** Answers a second; those that came after the end were worked on in it too, and those before its begin were not there. */
    private static double rate(List<Result> results, Duration length) {
        long first = results.stream().mapToLong(Result::sentAt).min().orElseThrow();
        long end = first + length.toNanos();
        return results.stream()
                        .filter(result -> result.status == 200)
                        .filter(result -> result.sentAt + result.millis * 1e6 <= end)
                        .count()
                / (length.toNanos() / 1e9);
    }

    /** What one client does. */
    private interface Client {
        void run(List<Result> results) throws IOException;
    }

    private static List<Result> clients(int count, Client client) throws Exception {
        List<Result> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Result>>> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                clients.add(threads.submit(() -> {
                    List<Result> results = new ArrayList<>();
                    client.run(results);
                    return results;
                }));
            }
            for (Future<List<Result>> one : clients) {
                all.addAll(one.get());
            }
        }
        return all;
    }
}
