package io.tandem.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The pieces of /v1/completions, and those of several choices, one by one. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class CompletionStreamTest extends ApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USAGE = ", \"stream_options\": {\"include_usage\": true}";

    @Test
    void framesAreOpenAis() throws IOException {
        List<JsonNode> pieces = pieces(COMPLETIONS, "\"prompt\": \"hi\"" + USAGE);
        assertEquals(4, pieces.size(), pieces.toString());
        for (JsonNode piece : pieces.subList(0, 3)) {
            assertEquals(
                    List.of("id", "object", "created", "model", "system_fingerprint", "choices", "usage"),
                    names(piece));
            assertEquals("text_completion", piece.get("object").asText());
            assertTrue(piece.get("id").asText().matches("cmpl-[0-9a-f]{32}"), piece.toString());
            assertEquals(pieces.getFirst().get("id"), piece.get("id"));
            assertEquals("fake-none", piece.get("system_fingerprint").asText());
        }
        assertEquals(
                "{\"text\":\"Grüße,\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}",
                pieces.get(0).at("/choices/0").toString());
        assertEquals(
                "{\"text\":\" world!\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}",
                pieces.get(1).at("/choices/0").toString());
        assertEquals(
                "{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}",
                pieces.get(2).at("/choices/0").toString());
        pieces.subList(0, 3).forEach(piece -> assertTrue(piece.get("usage").isNull(), piece.toString()));
        assertEquals("[]", pieces.get(3).get("choices").toString());
        JsonNode timings = pieces.get(3).get("timings");
        assertEquals(
                List.of("queue_ms", "fetch_ms", "vision_ms", "encode_ms", "transfer_ms", "decode_ms"), names(timings));
        assertTrue(timings.get("queue_ms").asDouble() >= 1, "with that of the decoder: " + timings);
        assertEquals(2, timings.get("transfer_ms").asDouble());
        assertEquals(3, timings.get("decode_ms").asDouble());
        assertEquals(104, pieces.get(3).at("/usage/total_tokens").asInt());
    }

    @Test
    void noUsageIsSaidToWhoDoesNotAsk() throws IOException {
        for (String options : new String[] {
            "",
            ", \"stream_options\": {}",
            ", \"stream_options\": null",
            ", \"stream_options\": {\"include_usage\": false}"
        }) {
            List<JsonNode> pieces = pieces(COMPLETIONS, "\"prompt\": \"hi\"" + options);
            assertEquals(3, pieces.size(), options);
            pieces.forEach(piece -> assertFalse(piece.has("usage"), options));
        }
    }

    @Test
    void everyChoiceOpensOnceEndsOnceAndAllShareOneUsage() throws IOException {
        List<JsonNode> pieces =
                pieces(CHAT, "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"n\": 3" + USAGE);
        Map<Integer, List<String>> byChoice = new TreeMap<>();
        for (JsonNode piece : pieces.subList(0, pieces.size() - 1)) {
            assertEquals(1, piece.get("choices").size());
            JsonNode choice = piece.at("/choices/0");
            byChoice.computeIfAbsent(choice.get("index").asInt(), fresh -> new ArrayList<>())
                    .add(choice.get("delta") + " " + choice.get("finish_reason"));
        }
        List<String> each = List.of(
                "{\"role\":\"assistant\",\"content\":\"\"} null",
                "{\"content\":\"Grüße,\"} null",
                "{\"content\":\" world!\"} null",
                "{} \"stop\"");
        assertEquals(Map.of(0, each, 1, each, 2, each), byChoice);
        assertEquals(
                1,
                pieces.stream().filter(piece -> piece.get("choices").isEmpty()).count());
        assertEquals(
                "{\"prompt_tokens\":100,\"completion_tokens\":12,\"total_tokens\":112,\"prompt_tokens_details\":"
                        + "{\"cached_tokens\":0,\"image_tokens\":0,\"cache_write_tokens\":100}}",
                pieces.getLast().get("usage").toString());
    }

    private List<JsonNode> pieces(String path, String fields) throws IOException {
        List<JsonNode> pieces = new ArrayList<>();
        String body = "{\"model\": \"t5gemma-2\", \"stream\": true, " + fields + "}";
        try (SseClient client = new SseClient(server, path, body)) {
            List<String> events = client.rest();
            assertEquals("[DONE]", events.removeLast());
            for (String event : events) {
                pieces.add(JSON.readTree(event));
            }
        }
        return pieces;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
