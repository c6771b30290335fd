package io.tandem.gateway.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** What stands beside a file's content, as JSON. */
final class FileRecords {

    private static final JsonMapper JSON = new JsonMapper();

    private FileRecords() {}

    static byte[] of(StoredFile file) throws IOException {
        ObjectNode node = JSON.createObjectNode()
                .put("id", file.id().value())
                .put("owner", file.owner())
                .put("filename", file.filename())
                .put("purpose", file.purpose().label())
                .put("bytes", file.bytes())
                .put("created_at", file.createdAt().getEpochSecond());
        file.expiresAt().ifPresent(end -> node.put("expires_at", end.getEpochSecond()));
        return JSON.writeValueAsBytes(node);
    }

    static StoredFile file(byte[] bytes) throws IOException {
        JsonNode node = JSON.readTree(bytes);
        return new StoredFile(
                new FileId(node.required("id").asText()),
                node.required("owner").asText(),
                node.required("filename").asText(),
                Purpose.of(node.required("purpose").asText()).orElseThrow(() -> new IOException("unknown purpose")),
                node.required("bytes").asLong(),
                Instant.ofEpochSecond(node.required("created_at").asLong()),
                Optional.ofNullable(node.get("expires_at")).map(end -> Instant.ofEpochSecond(end.asLong())));
    }

    static byte[] of(FileStatus status) throws IOException {
        ObjectNode node = JSON.createObjectNode()
                .put("state", status.state().name())
                .put("tokens", status.progress().tokens())
                .put("windows", status.progress().windows())
                .put("encoded", status.progress().encoded());
        status.details().ifPresent(details -> node.put("details", details));
        return JSON.writeValueAsBytes(node);
    }

    static FileStatus status(byte[] bytes) throws IOException {
        JsonNode node = JSON.readTree(bytes);
        return new FileStatus(
                FileStatus.State.valueOf(node.required("state").asText()),
                Optional.ofNullable(node.get("details")).map(JsonNode::asText),
                new FileStatus.Progress(
                        node.required("tokens").asInt(),
                        node.required("windows").asInt(),
                        node.required("encoded").asInt()));
    }
}
