package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tandem.routing.LoadBound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouterTest {

    private final Channels channels = new Channels();

    @AfterEach
    void close() {
        channels.close();
    }

    @Test
    void sameContentGoesToTheSameInstance() {
        Router router = router(4, 1000);
        for (int key = 0; key < 50; key++) {
            String first = choose(router, key);
            assertEquals(first, choose(router, key));
        }
    }

    @Test
    void contentSpreadsOverAllInstances() {
        Map<String, Integer> counts = counts(router(4, 1000));
        assertEquals(4, counts.size());
        counts.values().forEach(count -> assertTrue(count > 150 && count < 350, counts.toString()));
    }

    @Test
    void instanceThatGoesTakesOnlyItsOwnContentAlong() {
        Router router = router(4, 1000);
        Instance gone = router.instances().get(2);
        for (int key = 0; key < 100; key++) {
            router.note(gone, Optional.of("model"));
            String before = choose(router, key);
            router.note(gone, Optional.empty());
            String after = choose(router, key);
            assertTrue(before.equals(after) || before.equals(gone.id()));
            assertNotEquals(gone.id(), after);
        }
    }

    @Test
    void loadOfOneKeyIsBounded() {
        Router router = router(4, 2);
        List<Router.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            leases.add(router.lease(key(7), Set.of()).orElseThrow());
        }
        router.instances().forEach(one -> assertTrue(one.inFlight() <= 32, "1.25 times the mean of 25"));
        leases.forEach(Router.Lease::close);
        router.instances().forEach(one -> assertEquals(0, one.inFlight()));
    }

    @Test
    void fewRequestsStayTogether() {
        Router router = router(4, 8);
        String first = hold(router, 7);
        for (int i = 1; i < 8; i++) {
            assertEquals(first, hold(router, 7));
        }
        assertNotEquals(first, hold(router, 7));
    }

    @Test
    void equalWorkStaysTogetherWhereItIsDoneOnce() {
        Router router = new Router(Role.ENCODER, LoadBound.NONE);
        router.update(addresses(4), channels::to);
        String first = hold(router, 7);
        for (int i = 1; i < 1000; i++) {
            assertEquals(first, hold(router, 7));
        }
    }

    @Test
    void triedInstancesAreNotTriedAgain() {
        Router router = router(2, 8);
        String first = choose(router, 1);
        String second =
                router.lease(key(1), Set.of(first)).orElseThrow().instance().id();
        assertNotEquals(first, second);
        assertEquals(Optional.empty(), router.lease(key(1), Set.of(first, second)));
    }

    @Test
    void instanceThatJoinsGetsNothingBeforeItServes() {
        Router router = router(2, 8);
        Instance old = router.instances().getFirst();
        assertTrue(router.update(addresses(3), channels::to));
        assertSame(old, router.instances().getFirst(), "what is known of the others stays");
        Instance joined = router.instances().get(2);
        assertFalse(counts(router).containsKey(joined.id()));
        router.note(joined, Optional.of("model"));
        assertTrue(counts(router).containsKey(joined.id()));
        assertFalse(router.update(addresses(3), channels::to), "nothing has changed");
    }

    @Test
    void roleIsDownWhenNobodyHasServedForAWhile() {
        Router router = router(2, 8);
        router.note(router.instances().get(0), Optional.of("model"));
        router.note(router.instances().get(1), Optional.empty());
        assertFalse(router.isDown(Duration.ZERO));
        router.note(router.instances().get(0), Optional.empty());
        assertTrue(router.isDown(Duration.ZERO));
        assertFalse(router.isDown(Duration.ofMinutes(1)), "it may come back");
    }

    private Map<String, Integer> counts(Router router) {
        Map<String, Integer> counts = new HashMap<>();
        for (int key = 0; key < 1000; key++) {
            counts.merge(choose(router, key), 1, Integer::sum);
        }
        return counts;
    }

    private static String choose(Router router, int key) {
        try (Router.Lease lease = router.lease(key(key), Set.of()).orElseThrow()) {
            return lease.instance().id();
        }
    }

    private static String hold(Router router, int key) {
        return router.lease(key(key), Set.of()).orElseThrow().instance().id();
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8("key " + number);
    }

    private Router router(int count, int freeLoad) {
        Router router = new Router(Role.DECODER, new LoadBound(1.25, freeLoad));
        router.update(addresses(count), channels::to);
        return router;
    }

    private static List<String> addresses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "127.0.0.1:" + (9000 + i))
                .toList();
    }
}
