package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tandem.routing.LoadBound;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelAgreementTest {

    private static final String OLD = "old";
    private static final String NEW = "new";

    private final Channels channels = new Channels();
    private final Routers routers = new Routers(
            new Router(Role.VISION, LoadBound.NONE),
            new Router(Role.ENCODER, LoadBound.NONE),
            new Router(Role.DECODER, new LoadBound(1.25, 8)));
    private final ModelAgreement agreement = new ModelAgreement(routers);

    @AfterEach
    void close() {
        channels.close();
    }

    @Test
    void nothingIsChosenBeforeAnEncoderHasSaidWhatItServes() {
        serve(routers.decoders(), OLD, OLD);
        agreement.update();
        assertEquals(Optional.empty(), routers.decoders().model());
    }

    @Test
    void aDecoderThatDiffersFromTheEncoderGetsNothing() {
        serve(routers.vision(), OLD);
        serve(routers.encoder(), OLD);
        serve(routers.decoders(), OLD, NEW, OLD);
        agreement.update();
        assertEquals(Set.of(id(0), id(2)), reached(routers.decoders()));
        assertEquals(
                List.of(id(1)),
                routers.decoders().differing().stream().map(Instance::id).toList());
    }

    @Test
    void decodersOfAnotherModelOnlyAreNobody() {
        serve(routers.vision(), OLD);
        serve(routers.encoder(), OLD);
        serve(routers.decoders(), NEW, NEW);
        agreement.update();
        assertEquals(Set.of(), reached(routers.decoders()));
        assertEquals(2, routers.decoders().differing().size());
        assertTrue(routers.decoders().isDown(Duration.ZERO));
        assertFalse(routers.encoder().isDown(Duration.ZERO));
    }

    @Test
    void theModelThatHasAllRolesIsChosenOverOneThatHasMoreDecoders() {
        serve(routers.vision(), OLD);
        serve(routers.encoder(), OLD, NEW);
        serve(routers.decoders(), NEW, NEW, OLD);
        agreement.update();
        assertEquals(Optional.of(OLD), routers.encoder().model());
    }

    @Test
    void anUpdateChangesOverOnceTheNewModelHasMoreDecoders() {
        serve(routers.vision(), OLD, NEW);
        serve(routers.encoder(), OLD, NEW);
        serve(routers.decoders(), OLD, OLD, NEW);
        agreement.update();
        assertEquals(Set.of(id(0)), reached(routers.encoder()));
        serve(routers.decoders(), OLD, NEW);
        agreement.update();
        assertEquals(Set.of(id(0)), reached(routers.encoder()), "as many are no reason");
        serve(routers.decoders(), OLD, NEW, NEW);
        agreement.update();
        for (Router router : List.of(routers.vision(), routers.encoder())) {
            assertEquals(Set.of(id(1)), reached(router));
        }
        assertEquals(Set.of(id(1), id(2)), reached(routers.decoders()));
        assertEquals(
                Optional.of(id(0)),
                routers.decoders().lease(key(1), Set.of(), OLD).map(lease -> lease.instance()
                        .id()),
                "what was read before is still written");
    }

    @Test
    void withoutItsEncoderAModelIsGivenUp() {
        serve(routers.vision(), OLD, NEW);
        serve(routers.encoder(), OLD, NEW);
        serve(routers.decoders(), OLD, OLD, NEW);
        agreement.update();
        assertEquals(Optional.of(OLD), routers.decoders().model());
        routers.encoder().note(routers.encoder().instances().get(0), Optional.empty());
        agreement.update();
        assertEquals(Optional.of(NEW), routers.decoders().model());
        routers.encoder().note(routers.encoder().instances().get(1), Optional.empty());
        agreement.update();
        assertEquals(Optional.of(NEW), routers.decoders().model(), "it may come back");
    }

    @Test
    void whoeverIsDoubtedGetsNothingBeforeItWasAskedAgain() {
        serve(routers.vision(), OLD);
        serve(routers.encoder(), OLD);
        serve(routers.decoders(), OLD, OLD);
        agreement.update();
        Instance doubted = routers.decoders().instances().getFirst();
        doubted.doubt();
        agreement.update();
        assertEquals(Set.of(id(1)), reached(routers.decoders()));
        assertEquals(List.of(), routers.decoders().differing(), "nobody knows");
        routers.decoders().note(doubted, Optional.of(OLD));
        assertEquals(Set.of(id(0), id(1)), reached(routers.decoders()));
    }

    private void serve(Router router, String... models) {
        router.update(
                IntStream.range(0, models.length)
                        .mapToObj(ModelAgreementTest::id)
                        .toList(),
                channels::to);
        for (int i = 0; i < models.length; i++) {
            router.note(router.instances().get(i), Optional.of(models[i]));
        }
    }

    private static Set<String> reached(Router router) {
        Set<String> reached = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            router.lease(key(i), Set.of()).ifPresent(lease -> {
                reached.add(lease.instance().id());
                lease.close();
            });
        }
        return reached;
    }

    private static String id(int number) {
        return "127.0.0.1:" + (9000 + number);
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8("key " + number);
    }
}
