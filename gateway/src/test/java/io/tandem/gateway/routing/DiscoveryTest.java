package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.ManagedChannel;
import io.tandem.gateway.fake.Eventually;
import io.tandem.routing.LoadBound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {

    @TempDir
    Path folder;

    @Test
    void instancesJoinAndLeaveWhileItRuns() throws IOException {
        Path file = Files.writeString(folder.resolve("decoders"), "127.0.0.1:9001\n");
        Routers routers = new Routers(
                new Router(Role.VISION, LoadBound.NONE),
                new Router(Role.ENCODER, LoadBound.NONE),
                new Router(Role.DECODER, new LoadBound(1.25, 8)));
        Map<Role, List<String>> entries = Map.of(
                Role.VISION, List.of("127.0.0.1:9000"),
                Role.ENCODER, List.of("127.0.0.1:9000"),
                Role.DECODER, List.of("file:" + file));
        AtomicInteger changes = new AtomicInteger();
        try (Channels channels = new Channels();
                Discovery discovery = Discovery.of(channels, routers, entries, changes::incrementAndGet)) {
            assertEquals(List.of("127.0.0.1:9001"), ids(routers), "known from the start");
            assertEquals(1, changes.get());
            ManagedChannel shared = routers.vision().instances().getFirst().channel();
            ManagedChannel left = routers.decoders().instances().getFirst().channel();
            discovery.start(Duration.ofMillis(20));
            Files.writeString(file, "127.0.0.1:9001\n127.0.0.1:9002\n");
            Eventually.check("a decoder has joined", () -> ids(routers).size() == 2);
            assertFalse(left.isShutdown());
            Files.writeString(file, "127.0.0.1:9002\n");
            Eventually.check("a decoder has left", () -> ids(routers).equals(List.of("127.0.0.1:9002")));
            Eventually.check("its connection is given up", left::isShutdown);
            Eventually.check("everybody is told", () -> changes.get() >= 3);
            assertFalse(shared.isShutdown(), "others stay");
        }
    }

    private static List<String> ids(Routers routers) {
        return routers.decoders().instances().stream().map(Instance::id).toList();
    }
}
