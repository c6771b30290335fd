package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Starting and stopping as an operator sees it. */
class LifecycleIT {

    @Test
    void saysHowToTryItAndDrainsWhenStopped() throws IOException {
        TandemProcess tandem = TandemProcess.start("lifecycle", TandemProcess.golden("text-sliding"));
        try (tandem;
                Socket slow = new Socket("127.0.0.1", tandem.port())) {
            Api api = tandem.api();
            Eventually.holds(Duration.ofSeconds(20), "announced", () -> tandem.output()
                    .contains("curl " + api.baseUrl() + "/chat/completions"));
            String body = "{\"model\": \"%s\", \"prompt\": \"a\", \"max_tokens\": 1}".formatted(api.model());
            beginToSend(slow, body);
            Eventually.holds(Duration.ofSeconds(20), "under way", () -> api.metric("tandem_gateway_in_flight") == 1);
            finishesAStream(api, tandem::terminate);
            Eventually.holds(Duration.ofSeconds(20), "not ready", () -> !api.isReady());
            assertTrue(api.isLive(), "nobody must restart it now");
            HttpResponse<String> refused = api.postRaw("/v1/completions", body);
            assertEquals(503, refused.statusCode(), refused.body());
            assertTrue(refused.headers().firstValue("Retry-After").orElse("").matches("[1-9]\\d*"), refused.toString());
            assertEquals(
                    "draining",
                    Api.JSON.readTree(refused.body()).at("/error/code").asText());
            slow.getOutputStream().write(HttpWire.ascii(body.substring(1)));
            byte[] answer = slow.getInputStream().readNBytes(12);
            assertEquals("HTTP/1.1 200", new String(answer, StandardCharsets.US_ASCII));
            tandem.awaitExit(Duration.ofSeconds(60));
        }
        assertFalse(tandem.output().contains("ERROR"), tandem.output());
    }

    /** A request whose body is still on its way is under way for as long as the test wants. */
    private static void beginToSend(Socket client, String body) throws IOException {
        client.setSoTimeout(60_000);
        String head = """
                POST /v1/completions HTTP/1.1
                Host: x
                Content-Type: application/json
                Content-Length: %d

                """.formatted(body.length()).replace("\n", "\r\n");
        client.getOutputStream().write(HttpWire.ascii(head + body.charAt(0)));
    }

    private static void finishesAStream(Api api, Runnable afterItsBeginning) throws IOException {
        ObjectNode body = Api.JSON.createObjectNode();
        body.put("model", api.model())
                .put("temperature", 1)
                .put("max_tokens", 300)
                .put("stream", true);
        body.put("prompt", "a long answer");
        List<String> lines = new ArrayList<>();
        try (BufferedReader events = new BufferedReader(
                new InputStreamReader(api.stream("/v1/completions", body), StandardCharsets.UTF_8))) {
            lines.add(events.readLine());
            afterItsBeginning.run();
            for (String line = events.readLine(); line != null; line = events.readLine()) {
                lines.add(line);
            }
        }
        assertTrue(lines.contains("data: [DONE]"), "the answer was cut off: " + lines);
    }
}
