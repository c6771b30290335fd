package io.tandem.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A folder of golden data: its {@code cases.json}, and the int64 tensors of its {@code cases.safetensors}. */
final class GoldenCases {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    GoldenCases(String name) {
        this.folder = repository().resolve("engine/core/src/test/golden").resolve(name);
    }

    static Path repository() {
        return Path.of(System.getProperty("tandem.root"));
    }

    Path folder() {
        return folder;
    }

    List<JsonNode> cases() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        JSON.readTree(folder.resolve("cases.json").toFile()).path("cases").forEach(cases::add);
        return cases;
    }

    /** The rows of an int64 tensor, [rows][columns]. */
    int[][] tensor(String name) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("cases.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int headerLength = Math.toIntExact(file.getLong());
        String header = new String(file.array(), Long.BYTES, headerLength, StandardCharsets.UTF_8);
        JsonNode entry = JSON.readTree(header).path(name);
        if (!"I64".equals(entry.path("dtype").asText())) {
            throw new CheckpointException(folder + " has no int64 tensor " + name);
        }
        int[][] rows = new int[entry.path("shape").path(0).asInt()]
                [entry.path("shape").path(1).asInt()];
        int at = Long.BYTES + headerLength + entry.path("data_offsets").path(0).asInt();
        for (int[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                row[column] = Math.toIntExact(file.getLong(at));
                at += Long.BYTES;
            }
        }
        return rows;
    }

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
