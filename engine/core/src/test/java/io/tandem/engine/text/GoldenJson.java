package io.tandem.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reads what golden cases write about text. */
final class GoldenJson {

    private GoldenJson() {}

    static int[] ids(JsonNode node) {
        return IntStream.range(0, node.size()).map(i -> node.path(i).intValue()).toArray();
    }

    static List<ChatMessage> messages(JsonNode node) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : node) {
            String role = message.path("role").textValue();
            JsonNode content = message.path("content");
            messages.add(
                    content.isTextual()
                            ? ChatMessage.of(role, content.textValue())
                            : ChatMessage.of(role, parts(content)));
        }
        return messages;
    }

    private static List<ContentPart> parts(JsonNode content) {
        List<ContentPart> parts = new ArrayList<>();
        for (JsonNode part : content) {
            boolean image = part.path("type").asText().equals("image");
            parts.add(
                    image
                            ? new ContentPart.Image()
                            : new ContentPart.Text(part.path("text").textValue()));
        }
        return parts;
    }
}
