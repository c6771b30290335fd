package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecoderRouterTest {

    private final Channels channels = new Channels();

    @AfterEach
    void close() {
        channels.close();
    }

    @Test
    void sameContentGoesToTheSameDecoder() {
        DecoderRouter router = router(4, 1000);
        for (int key = 0; key < 50; key++) {
            String first = choose(router, key);
            assertEquals(first, choose(router, key));
        }
    }

    @Test
    void contentSpreadsOverAllDecoders() {
        Map<String, Integer> counts = counts(router(4, 1000));
        assertEquals(4, counts.size());
        counts.values().forEach(count -> assertTrue(count > 150 && count < 350, counts.toString()));
    }

    @Test
    void decoderThatGoesTakesOnlyItsOwnContentAlong() {
        DecoderRouter router = router(4, 1000);
        Decoder gone = router.decoders().get(2);
        for (int key = 0; key < 100; key++) {
            gone.setAvailable(true);
            String before = choose(router, key);
            gone.setAvailable(false);
            String after = choose(router, key);
            assertTrue(before.equals(after) || before.equals(gone.id()));
            assertNotEquals(gone.id(), after);
        }
    }

    @Test
    void loadOfOneKeyIsBounded() {
        DecoderRouter router = router(4, 2);
        List<DecoderRouter.Lease> leases = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            leases.add(router.lease(key(7), Set.of()));
        }
        router.decoders().forEach(decoder -> assertTrue(decoder.inFlight() <= 32, "1.25 times the mean of 25"));
        leases.forEach(DecoderRouter.Lease::close);
        router.decoders().forEach(decoder -> assertEquals(0, decoder.inFlight()));
    }

    @Test
    void fewRequestsStayTogether() {
        DecoderRouter router = router(4, 8);
        String first = router.lease(key(7), Set.of()).decoder().id();
        for (int i = 1; i < 8; i++) {
            assertEquals(first, router.lease(key(7), Set.of()).decoder().id());
        }
        assertNotEquals(first, router.lease(key(7), Set.of()).decoder().id());
    }

    @Test
    void triedDecodersAreNotTriedAgain() {
        DecoderRouter router = router(2, 8);
        String first = choose(router, 1);
        String second = router.lease(key(1), Set.of(first)).decoder().id();
        assertNotEquals(first, second);
        TandemException none = assertThrows(TandemException.class, () -> router.lease(key(1), Set.of(first, second)));
        assertEquals(ErrorCode.UNAVAILABLE, none.code());
        assertTrue(none.getMessage().contains("None of the 2 decoders answers (2 tried)"), none.getMessage());
    }

    private Map<String, Integer> counts(DecoderRouter router) {
        Map<String, Integer> counts = new HashMap<>();
        for (int key = 0; key < 1000; key++) {
            counts.merge(choose(router, key), 1, Integer::sum);
        }
        return counts;
    }

    private static String choose(DecoderRouter router, int key) {
        try (DecoderRouter.Lease lease = router.lease(key(key), Set.of())) {
            return lease.decoder().id();
        }
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8("key " + number);
    }

    private DecoderRouter router(int count, int freeLoad) {
        return new DecoderRouter(
                IntStream.range(0, count)
                        .mapToObj(i -> new Decoder("decoder-" + i + ":9000", channels.to("localhost:9000")))
                        .toList(),
                1.25,
                freeLoad);
    }
}
