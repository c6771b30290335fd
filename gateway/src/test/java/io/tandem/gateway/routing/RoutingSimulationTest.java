package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tandem.routing.LoadBound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The router with a thousand decoders: how often content is where it is wanted, and how much moves when one joins or dies. */
class RoutingSimulationTest {

    private static final int DECODERS = 1000;
    private static final int DOCUMENTS = 20_000;
    private static final int REQUESTS = 60_000;
    /** Requests that run at the same time: four for each decoder. */
    private static final int IN_FLIGHT = 4 * DECODERS;
    /** Of the popularity of documents: the first is asked about in some tenth of all requests. */
    private static final double ZIPF = 1.0;

    private final Channels channels = new Channels();
    private final Random random = new Random(42);

    @AfterEach
    void close() {
        channels.close();
    }

    @Test
    void contentIsResidentAndNobodyIsOverloaded() {
        Router router = router(DECODERS);
        Run run = new Run(router);
        int[] documents = popular();
        run.ask(documents);
        run.forget();
        run.ask(documents);
        System.out.printf(
                "%d decoders, %d documents: hit rate %.3f, %.2f copies a document, busiest decoder %d of %d at most%n",
                DECODERS, DOCUMENTS, run.hitRate(), run.copies(), run.mostLoad, run.mostAllowed());
        assertTrue(run.hitRate() > 0.97, "hit rate " + run.hitRate());
        assertTrue(run.mostLoad <= run.mostAllowed(), "one decoder had " + run.mostLoad + " requests");
        assertTrue(run.copies() < 1.3, run.copies() + " copies of a document");
    }

    @Test
    void decoderThatDiesMovesItsShareOnly() {
        Router router = router(DECODERS);
        Map<Integer, String> before = homes(router);
        Instance dead = router.instances().get(417);
        router.note(dead, Optional.empty());
        Map<Integer, String> after = homes(router);
        long moved = moved(before, after);
        long its = before.values().stream().filter(dead.id()::equals).count();
        assertEquals(its, moved, "nobody else's content moves");
        assertTrue(its < 4 * DOCUMENTS / DECODERS, its + " documents were on one decoder");
        long heirs = before.entrySet().stream()
                .filter(entry -> entry.getValue().equals(dead.id()))
                .map(entry -> after.get(entry.getKey()))
                .distinct()
                .count();
        assertTrue(heirs >= its - 3, "its " + its + " documents go to " + heirs + " decoders, not to one neighbour");
    }

    @Test
    void decoderThatJoinsTakesItsShareOnly() {
        Router router = router(DECODERS);
        Map<Integer, String> before = homes(router);
        router.update(addresses(DECODERS + 1), channels::to);
        Instance joined = router.instances().stream()
                .filter(instance -> !instance.isAvailable())
                .findFirst()
                .orElseThrow();
        router.note(joined, Optional.of("model"));
        Map<Integer, String> after = homes(router);
        long moved = moved(before, after);
        assertEquals(after.values().stream().filter(joined.id()::equals).count(), moved, "all that moves goes to it");
        assertTrue(moved > 0 && moved < 4 * DOCUMENTS / DECODERS, moved + " documents moved");
    }

    /** Documents asked about, by Zipf's law. */
    private int[] popular() {
        double[] cumulated = new double[DOCUMENTS];
        double sum = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            sum += 1 / Math.pow(i + 1, ZIPF);
            cumulated[i] = sum;
        }
        int[] documents = new int[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
            documents[i] = found < 0 ? Math.min(-found - 1, DOCUMENTS - 1) : found;
        }
        return documents;
    }

    private Map<Integer, String> homes(Router router) {
        Map<Integer, String> homes = new HashMap<>();
        for (int document = 0; document < DOCUMENTS; document++) {
            try (Router.Lease lease = router.lease(key(document), Set.of()).orElseThrow()) {
                homes.put(document, lease.instance().id());
            }
        }
        return homes;
    }

    private static long moved(Map<Integer, String> before, Map<Integer, String> after) {
        return before.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
                .count();
    }

    private Router router(int count) {
        Router router = new Router(Role.DECODER, new LoadBound(1.25, 8));
        router.update(addresses(count), channels::to);
        return router;
    }

    private static List<String> addresses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "10.0.%d.%d:9000".formatted(i / 250, i % 250))
                .toList();
    }

    private static ByteString key(int document) {
        return ByteString.copyFromUtf8("document " + document);
    }

    /** Requests through a router, the oldest of which ends when a new one begins; decoders that forget nothing. */
    private static final class Run {
        private final Router router;
        private final Map<Integer, Set<String>> residents = new HashMap<>();
        private final Deque<Router.Lease> running = new ArrayDeque<>();
        private final List<Boolean> hits = new ArrayList<>();
        private int mostLoad;

        private Run(Router router) {
            this.router = router;
        }

        void ask(int[] documents) {
            for (int document : documents) {
                if (running.size() == IN_FLIGHT) {
                    running.remove().close();
                }
                Router.Lease lease = router.lease(key(document), Set.of()).orElseThrow();
                running.add(lease);
                Set<String> holders = residents.computeIfAbsent(document, key -> new HashSet<>());
                hits.add(!holders.add(lease.instance().id()));
                mostLoad = Math.max(mostLoad, lease.instance().inFlight());
            }
        }

        /** Counts from here on: what was asked before was the warm-up. */
        void forget() {
            hits.clear();
        }

        double hitRate() {
            return hits.stream().filter(hit -> hit).count() / (double) hits.size();
        }

        double copies() {
            return residents.values().stream().mapToInt(Set::size).sum() / (double) residents.size();
        }

        int mostAllowed() {
            return Math.max(8, (int) Math.ceil(1.25 * (IN_FLIGHT + 1) / DECODERS));
        }
    }
}
