package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Starting and stopping as an operator sees it. */
class LifecycleIT {

    @Test
    void saysHowToTryItAndFinishesWhatIsUnderWayWhenStopped() throws IOException {
        List<String> lines = new ArrayList<>();
        TandemProcess tandem = TandemProcess.start("lifecycle", TandemProcess.golden("text-sliding"));
        try (tandem) {
            Api api = tandem.api();
            Eventually.holds(Duration.ofSeconds(20), "announced", () -> tandem.output()
                    .contains("curl " + api.baseUrl() + "/chat/completions"));
            ObjectNode body = Api.JSON.createObjectNode();
            body.put("model", api.model())
                    .put("temperature", 1)
                    .put("max_tokens", 300)
                    .put("stream", true);
            body.put("prompt", "a long answer");
            try (BufferedReader events = new BufferedReader(
                    new InputStreamReader(api.stream("/v1/completions", body), StandardCharsets.UTF_8))) {
                lines.add(events.readLine());
                tandem.terminate();
                for (String line = events.readLine(); line != null; line = events.readLine()) {
                    lines.add(line);
                }
            }
            tandem.awaitExit(Duration.ofSeconds(60));
        }
        assertTrue(lines.contains("data: [DONE]"), "the answer was cut off: " + lines);
        assertFalse(tandem.output().contains("ERROR"), tandem.output());
    }
}
