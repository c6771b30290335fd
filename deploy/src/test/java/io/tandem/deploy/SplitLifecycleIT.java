package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How roles as processes of their own come to an end, as an operator sees it. */
class SplitLifecycleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void usesCacheAndBrokerThatTheEnvironmentNames() {
        try (SplitProcess first = SplitProcess.start("split-stores", "--decoders", "1")) {
            assertEquals(0, cachedTokens(first), "nobody has read it yet");
            Map<String, String> stores = Map.of(
                    "TANDEM_BROKER_URL",
                    "amqp://" + first.first("broker").address(),
                    "TANDEM_CACHE_SERVERS",
                    first.first("cache").address());
            try (SplitProcess second = SplitProcess.start("split-elsewhere", stores, "--decoders", "1")) {
                assertEquals(4, second.supervisor().descendants().size(), "vision, encoder, decoder, gateway");
                assertTrue(cachedTokens(second) > 0, "what the other installation has read");
                assertEquals(0, second.api().metric("tandem_gateway_broker_outage"));
                first.first("broker").signal(true);
                Eventually.holds(
                        PATIENCE,
                        "seen: the other installation's broker is away",
                        () -> second.api().metric("tandem_gateway_broker_outage") == 1);
            }
        }
    }

    private static int cachedTokens(SplitProcess split) {
        ObjectNode body = Api.JSON.createObjectNode().put("model", "demo-model").put("max_tokens", 4);
        body.putArray("messages").addObject().put("role", "user").put("content", "What is its price?");
        body.putArray("documents").addObject().put("text", "Product sheet 4711. The price is €23. The weight is 5 kg.");
        return Api.parse(split.api()
                        .postRaw("/v1/chat/completions", body.toString())
                        .body())
                .at("/usage/prompt_tokens_details/cached_tokens")
                .asInt();
    }

    @Test
    void killedSupervisorLeavesNothingBehind() {
        List<ProcessHandle> roles;
        try (SplitProcess split = SplitProcess.start("split-orphans", "--decoders", "1")) {
            roles = split.supervisor().descendants();
            assertEquals(6, roles.size(), roles.toString());
            split.supervisor().kill();
            Eventually.holds(PATIENCE, "over: what a killed supervisor leaves behind", () -> roles.stream()
                    .noneMatch(ProcessHandle::isAlive));
        }
    }
}
