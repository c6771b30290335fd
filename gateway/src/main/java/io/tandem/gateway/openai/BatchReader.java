package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.batches.Batch;
import io.tandem.gateway.batches.BatchId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reads requests to /v1/batches. */
public final class BatchReader {

    private static final int MAX_LIMIT = 100;
    private static final String DEFAULT_LIMIT = "20";
    private static final long MIN_LIFETIME_SECONDS = 3600;
    private static final long MAX_LIFETIME_SECONDS = 2_592_000;

    private BatchReader() {}

    /**
     * A page of batches.
     *
     * @param limit batches at most
     * @param after id of the batch before the first
     */
    public record Page(int limit, Optional<BatchId> after) {}

    /** Reads the body of a request that makes a batch. */
    public static Batch.Order order(byte[] bytes, String owner) {
        Field body = JsonBody.read(bytes);
        String inputFileId = body.require("input_file_id").text();
        Field endpoint = body.require("endpoint");
        if (GenerationRoute.of(endpoint.text()).isEmpty()) {
            throw endpoint.invalid("is %s, must be /v1/chat/completions or /v1/completions"
                    .formatted(JsonBody.shortened(endpoint.text())));
        }
        Field window = body.require("completion_window");
        if (!window.text().equals("24h")) {
            throw window.invalid("is %s, must be 24h".formatted(JsonBody.shortened(window.text())));
        }
        return new Batch.Order(
                owner,
                inputFileId,
                endpoint.text(),
                Metadata.read(body.get("metadata")),
                outputLifetime(body.get("output_expires_after")));
    }

    /** Reads the query of a list. */
    public static Page page(Map<String, String> query) {
        String limit = query.getOrDefault("limit", DEFAULT_LIMIT);
        if (!limit.matches("\\d{1,3}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > MAX_LIMIT) {
            throw invalid(
                    "limit", "is %s, must be an integer from 1 to %d".formatted(JsonBody.shortened(limit), MAX_LIMIT));
        }
        Optional<BatchId> after = Optional.ofNullable(query.get("after"))
                .map(id -> BatchId.parse(id).orElseThrow(() -> invalid("after", "is no id of a batch")));
        return new Page(Integer.parseInt(limit), after);
    }

    private static Optional<Duration> outputLifetime(Field field) {
        if (!field.isSet()) {
            return Optional.empty();
        }
        Field anchor = field.require("anchor");
        if (!anchor.text().equals("created_at")) {
            throw anchor.invalid("must be created_at");
        }
        return Optional.of(
                Duration.ofSeconds(field.require("seconds").integer(MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS)));
    }

    private static TandemException invalid(String name, String reason) {
        return new TandemException(ErrorCode.INVALID_REQUEST, name, "%s %s.".formatted(name, reason));
    }
}
