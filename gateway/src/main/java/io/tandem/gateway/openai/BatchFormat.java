package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.tandem.gateway.batches.Batch;
import io.tandem.gateway.batches.BatchState;
import io.tandem.gateway.batches.BatchStatus;
import io.tandem.gateway.batches.LineError;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Answers of /v1/batches, and the lines of their files. */
public final class BatchFormat {

    private BatchFormat() {}

    /**
     * A batch, and how far it is.
     *
     * @param state at this moment
     */
    public record Shown(Batch batch, BatchState state) {}

    /** One batch. */
    public static String one(Shown shown) {
        return node(shown).toString();
    }

    /**
     * A page of batches.
     *
     * @param more whether others come after it
     */
    public static String list(List<Shown> page, boolean more) {
        return AnswerFormat.page(page.stream().map(BatchFormat::node).toList(), more);
    }

    /**
     * The line of a request that was answered, well or badly.
     *
     * @param body as the client of an interactive request gets it
     */
    public static byte[] answered(String customId, String requestId, int status, String body) {
        ObjectNode line = line(customId);
        line.putObject("response")
                .put("status_code", status)
                .put("request_id", requestId)
                .putRawValue("body", new RawValue(body));
        return bytes(line.putNull("error"));
    }

    /** The line of a request that was not answered. */
    public static byte[] givenUp(String customId, String code, String message) {
        ObjectNode line = line(customId).putNull("response");
        line.putObject("error").put("code", code).put("message", message);
        return bytes(line);
    }

    private static ObjectNode line(String customId) {
        return AnswerFormat.object()
                .put("id", "batch_req_" + UUID.randomUUID().toString().replace("-", ""))
                .put("custom_id", customId);
    }

    private static byte[] bytes(ObjectNode line) {
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode node(Shown shown) {
        Batch batch = shown.batch();
        BatchState state = shown.state();
        ObjectNode node = AnswerFormat.object()
                .put("id", batch.id().value())
                .put("object", "batch")
                .put("endpoint", batch.order().endpoint())
                .put("input_file_id", batch.order().inputFileId())
                .put("completion_window", "24h")
                .put("status", state.status().label());
        putErrors(node, state.errors());
        putFiles(node, state);
        node.put("created_at", batch.createdAt().getEpochSecond())
                .put("expires_at", batch.expiresAt().getEpochSecond());
        for (BatchStatus status : BatchStatus.values()) {
            if (status != BatchStatus.VALIDATING) {
                Instant since = state.since().get(status);
                node.put(status.label() + "_at", since == null ? null : since.getEpochSecond());
            }
        }
        node.putObject("request_counts")
                .put("total", state.counts().total())
                .put("completed", state.counts().completed())
                .put("failed", state.counts().failed());
        if (batch.order().metadata().isEmpty()) {
            return node.putNull("metadata");
        }
        ObjectNode metadata = node.putObject("metadata");
        batch.order().metadata().forEach(metadata::put);
        return node;
    }

    /** Only those that were made, and only when they are there. */
    private static void putFiles(ObjectNode node, BatchState state) {
        boolean there = state.status().isEnded() && state.output().isPresent();
        node.putNull("output_file_id").putNull("error_file_id");
        if (there && state.counts().completed() > 0) {
            node.put("output_file_id", state.output().get().answers().value());
        }
        if (there && state.counts().failed() > 0) {
            node.put("error_file_id", state.output().get().errors().value());
        }
    }

    private static void putErrors(ObjectNode node, List<LineError> errors) {
        if (errors.isEmpty()) {
            node.putNull("errors");
            return;
        }
        ArrayNode data = node.putObject("errors").put("object", "list").putArray("data");
        for (LineError error : errors) {
            ObjectNode written = data.addObject().put("code", error.code()).put("message", error.message());
            written.put("param", error.param().orElse(null));
            written.put("line", error.line().isPresent() ? error.line().getAsInt() : null);
        }
    }
}
