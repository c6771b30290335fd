package io.tandem.gateway.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.gateway.files.FileId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What stands on disk about a batch, as JSON. */
final class BatchRecords {

    private static final JsonMapper JSON = new JsonMapper();

    private BatchRecords() {}

    static byte[] of(Batch batch) throws IOException {
        Batch.Order order = batch.order();
        ObjectNode node = JSON.createObjectNode()
                .put("id", batch.id().value())
                .put("owner", order.owner())
                .put("input_file_id", order.inputFileId())
                .put("endpoint", order.endpoint())
                .put("created_at", batch.createdAt().getEpochSecond());
        order.outputLifetime().ifPresent(lifetime -> node.put("output_lifetime", lifetime.toSeconds()));
        ObjectNode metadata = node.putObject("metadata");
        order.metadata().forEach(metadata::put);
        return JSON.writeValueAsBytes(node);
    }

    static Batch batch(byte[] bytes) throws IOException {
        JsonNode node = JSON.readTree(bytes);
        Map<String, String> metadata = new LinkedHashMap<>();
        node.required("metadata")
                .properties()
                .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
        return new Batch(
                new BatchId(node.required("id").asText()),
                Instant.ofEpochSecond(node.required("created_at").asLong()),
                new Batch.Order(
                        node.required("owner").asText(),
                        node.required("input_file_id").asText(),
                        node.required("endpoint").asText(),
                        metadata,
                        Optional.ofNullable(node.get("output_lifetime"))
                                .map(seconds -> Duration.ofSeconds(seconds.asLong()))));
    }

    static byte[] of(BatchState state) throws IOException {
        ObjectNode node = JSON.createObjectNode().put("status", state.status().name());
        ObjectNode since = node.putObject("since");
        state.since().forEach((status, time) -> since.put(status.name(), time.getEpochSecond()));
        node.putObject("counts")
                .put("total", state.counts().total())
                .put("completed", state.counts().completed())
                .put("failed", state.counts().failed());
        ArrayNode errors = node.putArray("errors");
        for (LineError error : state.errors()) {
            ObjectNode written = errors.addObject().put("code", error.code()).put("message", error.message());
            error.param().ifPresent(param -> written.put("param", param));
            error.line().ifPresent(line -> written.put("line", line));
        }
        state.output().ifPresent(output -> node.put("answers", output.answers().value())
                .put("answers_of_errors", output.errors().value()));
        return JSON.writeValueAsBytes(node);
    }

    static BatchState state(byte[] bytes) throws IOException {
        JsonNode node = JSON.readTree(bytes);
        Map<BatchStatus, Instant> since = new EnumMap<>(BatchStatus.class);
        node.required("since")
                .properties()
                .forEach(entry -> since.put(
                        BatchStatus.valueOf(entry.getKey()),
                        Instant.ofEpochSecond(entry.getValue().asLong())));
        JsonNode counts = node.required("counts");
        List<LineError> errors = new ArrayList<>();
        for (JsonNode error : node.required("errors")) {
            errors.add(new LineError(
                    error.required("code").asText(),
                    error.required("message").asText(),
                    Optional.ofNullable(error.get("param")).map(JsonNode::asText),
                    error.has("line") ? OptionalInt.of(error.get("line").asInt()) : OptionalInt.empty()));
        }
        return new BatchState(
                BatchStatus.valueOf(node.required("status").asText()),
                since,
                new BatchState.Counts(
                        counts.required("total").asInt(),
                        counts.required("completed").asInt(),
                        counts.required("failed").asInt()),
                errors,
                Optional.ofNullable(node.get("answers"))
                        .map(answers -> new BatchState.Output(
                                new FileId(answers.asText()),
                                new FileId(node.required("answers_of_errors").asText()))));
    }
}
