package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How roles as processes of their own come to an end, as an operator sees it. */
class SplitLifecycleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void killedSupervisorLeavesNothingBehind() {
        List<ProcessHandle> roles;
        try (SplitProcess split = SplitProcess.start("split-orphans", "--decoders", "1")) {
            roles = split.supervisor().descendants();
            assertEquals(5, roles.size(), roles.toString());
            split.supervisor().kill();
            Eventually.holds(PATIENCE, "over: what a killed supervisor leaves behind", () -> roles.stream()
                    .noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void roleThatEndsIsNotReadyAndRefusesWhileItFinishes() throws IOException {
        List<String> lines = new ArrayList<>();
        try (SplitProcess split = SplitProcess.start("split-drain", "--decoders", "1")) {
            SplitProcess.Member gateway = split.first("gateway");
            SplitProcess.Member decoder = split.first("decoder");
            try (BufferedReader events = stream(split.api())) {
                lines.add(events.readLine());
                decoder.signal(false);
                Eventually.holds(
                        PATIENCE, "not ready", () -> !decoder.operations().isReady());
                assertTrue(decoder.operations().isLive(), "alive as long as it works");
                gateway.signal(false);
                Eventually.holds(PATIENCE, "not ready", () -> !split.api().isReady());
                assertTrue(split.api().isLive(), "alive as long as it works");
                HttpResponse<String> refused =
                        split.api().postRaw("/v1/completions", story(false).toString());
                assertEquals(503, refused.statusCode(), refused.body());
                assertTrue(refused.headers().firstValue("Retry-After").isPresent());
                for (String line = events.readLine(); line != null; line = events.readLine()) {
                    lines.add(line);
                }
            }
            assertTrue(lines.contains("data: [DONE]"), "the answer was cut off: " + lines);
            split.awaitSuccessor(decoder);
            split.awaitSuccessor(gateway);
            assertFalse(
                    split.supervisor().output().contains("ERROR"),
                    split.supervisor().output());
        }
    }

    private static BufferedReader stream(Api api) {
        return new BufferedReader(
                new InputStreamReader(api.stream("/v1/completions", story(true)), StandardCharsets.UTF_8));
    }

    private static ObjectNode story(boolean streamed) {
        return Api.JSON
                .createObjectNode()
                .put("model", "demo-model")
                .put("prompt", "a long answer")
                .put("temperature", 1)
                .put("ignore_eos", true)
                .put("max_tokens", 3000)
                .put("stream", streamed);
    }
}
