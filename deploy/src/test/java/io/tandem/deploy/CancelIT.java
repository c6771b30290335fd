package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/**
 * Clients that go away at any moment, every second one: nothing of theirs stays, and the others don't notice. How many there are
 * is the property tandem.test.cancels.
 */
class CancelIT {

    private static final int REQUESTS = Integer.getInteger("tandem.test.cancels", 600);
    private static final int WARM_UP = 200;
    private static final int AT_ONCE = 24;
    private static final long SEED = 20260517;
    /** Longest time that a client waits before it goes away; most answers take less. */
    private static final int MOST_MILLIS = 150;
    /** Of buffers and pools that grow a little with the largest load so far. */
    private static final long HEAP_SLACK = 24 << 20;

    /** How a request ended. */
    private enum End {
        ANSWERED,
        REFUSED,
        LEFT
    }

    @Test
    void nothingIsLeftOfThoseWhoGoAway() throws Exception {
        try (TandemProcess tandem = TandemProcess.start("cancel", TandemProcess.demoModel())) {
            Api api = tandem.api();
            List<ObjectNode> bodies = bodies(api.model());
            run(tandem, bodies, WARM_UP);
            Quiet.isRestored(api);
            long heap = tandem.heapAfterCollection();
            double threads = api.metric("jvm_threads_live_threads");

            List<End> ends = new ArrayList<>(run(tandem, bodies, REQUESTS / 2));
            long heapHalfWay = tandem.heapAfterCollection();
            ends.addAll(run(tandem, bodies, REQUESTS - REQUESTS / 2));

            long left = ends.stream().filter(End.LEFT::equals).count();
            assertTrue(
                    left > 0.4 * REQUESTS && left < 0.6 * REQUESTS,
                    left + " of " + REQUESTS + " went away; that is no test");
            assertTrue(ends.contains(End.ANSWERED), "nobody was answered");
            Quiet.isRestored(api);
            Eventually.holds(
                    Duration.ofSeconds(90),
                    "at " + threads + " threads again",
                    () -> api.metric("jvm_threads_live_threads") <= threads);
            assertEquals(0, tandem.threads("tandem-request-"), "threads of requests");
            long heapNow = tandem.heapAfterCollection();
            System.out.printf(
                    "%,d requests, %,d went away; heap %,d bytes before, %,d half-way, %,d after%n",
                    REQUESTS, left, heap, heapHalfWay, heapNow);
            assertTrue(heapNow <= heap + HEAP_SLACK, "the heap held %,d bytes, now %,d".formatted(heap, heapNow));
            assertEquals(0, api.metric("tandem_gateway_requests_total", "code=\"5"), "the server's failures");
            assertFalse(tandem.output().contains("ERROR"), "who goes away is no error of the server's");
        }
    }

    /** Texts, documents and pictures, with short answers. */
    private static List<ObjectNode> bodies(String model) throws IOException {
        return DemoEvaluationIT.cases().stream()
                .map(question -> DemoEvaluationIT.request(model, question))
                .toList();
    }

    /** Whoever goes away would have got a long answer, or several. */
    private static ObjectNode changed(ObjectNode body, boolean leaves, Random random) {
        ObjectNode changed = body.deepCopy().put("stream", random.nextBoolean());
        if (leaves) {
            changed.put("max_tokens", 800)
                    .put("ignore_eos", true)
                    .put("temperature", 1.5)
                    .put("n", random.nextInt(8) == 0 ? 3 : 1);
        }
        return changed;
    }

    private static List<End> run(TandemProcess tandem, List<ObjectNode> bodies, int requests) throws Exception {
        Semaphore places = new Semaphore(AT_ONCE);
        List<Future<End>> ends = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < requests; i++) {
                // The first numbers of neighbouring seeds are nearly the same.
                Random random = new Random(new SplittableRandom(SEED + i).nextLong());
                boolean leaves = random.nextBoolean();
                ObjectNode body = changed(bodies.get(random.nextInt(bodies.size())), leaves, random);
                places.acquire();
                ends.add(clients.submit(() -> {
                    try {
                        return leaves
                                ? leave(tandem.port(), request(body), random)
                                : stay(
                                        tandem.port(),
                                        request(body),
                                        body.get("stream").asBoolean());
                    } finally {
                        places.release();
                    }
                }));
            }
        }
        List<End> all = new ArrayList<>();
        for (Future<End> end : ends) {
            all.add(end.get());
        }
        return all;
    }

    private static byte[] request(ObjectNode body) {
        return HttpWire.post(
                MalformedRequests.CHAT,
                body.toString().getBytes(StandardCharsets.UTF_8),
                "Content-Type: application/json",
                "Connection: close");
    }

    private static End leave(int port, byte[] request, Random random) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            if (random.nextInt(4) == 0) {
                // In the middle of its body, and with a reset instead of an orderly end.
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(request, 0, random.nextInt(request.length));
                return End.LEFT;
            }
            socket.getOutputStream().write(request);
            return readAWhile(socket, random.nextInt(1, MOST_MILLIS));
        }
    }

    private static End stay(int port, byte[] request, boolean stream) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(110_000);
            socket.getOutputStream().write(request);
            String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (response.startsWith("HTTP/1.1 429")) {
                return End.REFUSED;
            }
            assertTrue(response.startsWith("HTTP/1.1 200"), response);
            assertTrue(response.contains(stream ? "data: [DONE]" : "\"usage\""), "no end: " + response);
            return End.ANSWERED;
        }
    }

    private static End readAWhile(Socket socket, int millis) throws IOException {
        long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        try {
            for (long left = millis;
                    left > 0;
                    left = Duration.ofNanos(end - System.nanoTime()).toMillis()) {
                socket.setSoTimeout((int) left);
                if (socket.getInputStream().read(new byte[256]) < 0) {
                    return End.ANSWERED;
                }
            }
        } catch (SocketTimeoutException over) {
            // That is when this client goes away.
        }
        return End.LEFT;
    }
}
