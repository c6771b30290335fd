package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.Incoming;
import io.tandem.gateway.files.Purpose;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Reads what requests to /v1/files say beside the file's bytes. */
public final class FileReader {

    private static final int MAX_LIMIT = 10_000;
    private static final long MIN_LIFETIME_SECONDS = 3600;
    private static final long MAX_LIFETIME_SECONDS = 2_592_000;
    private static final int MAX_FILENAME = 255;
    private static final String ANCHOR = "expires_after[anchor]";
    private static final String SECONDS = "expires_after[seconds]";

    private FileReader() {}

    /**
     * A page of files.
     *
     * @param limit files at most
     * @param after id of the file before the first
     * @param newestFirst their order
     * @param purpose of all of them
     */
    public record Page(int limit, Optional<FileId> after, boolean newestFirst, Optional<Purpose> purpose) {}

    /**
     * Reads the fields of an upload's form.
     *
     * @param filename as the client sent it
     */
    public static Incoming.Description upload(Map<String, String> fields, String owner, String filename) {
        String purpose = fields.get("purpose");
        if (purpose == null) {
            throw invalid("purpose", "is required");
        }
        if (filename.isEmpty() || filename.length() > MAX_FILENAME) {
            throw invalid(
                    "file",
                    "has a filename of %d characters, must be 1 to %d".formatted(filename.length(), MAX_FILENAME));
        }
        return new Incoming.Description(owner, filename, purpose(purpose), lifetime(fields));
    }

    /** Reads the query of a list. */
    public static Page page(Map<String, String> query) {
        String order = query.getOrDefault("order", "desc");
        if (!order.equals("asc") && !order.equals("desc")) {
            throw invalid("order", "must be asc or desc");
        }
        Optional<FileId> after = Optional.ofNullable(query.get("after"))
                .map(id -> FileId.parse(id).orElseThrow(() -> invalid("after", "is no id of a file")));
        return new Page(
                (int) number("limit", query.getOrDefault("limit", Integer.toString(MAX_LIMIT)), 1, MAX_LIMIT),
                after,
                order.equals("desc"),
                Optional.ofNullable(query.get("purpose")).map(FileReader::purpose));
    }

    private static Purpose purpose(String label) {
        return Purpose.of(label)
                .orElseThrow(() -> invalid("purpose", "must be one of " + String.join(", ", Purpose.labels())));
    }

    private static Optional<Duration> lifetime(Map<String, String> fields) {
        String anchor = fields.get(ANCHOR);
        String seconds = fields.get(SECONDS);
        if (anchor == null && seconds == null) {
            return Optional.empty();
        }
        if (!"created_at".equals(anchor)) {
            throw invalid(ANCHOR, "must be created_at");
        }
        if (seconds == null) {
            throw invalid(SECONDS, "is required");
        }
        return Optional.of(Duration.ofSeconds(number(SECONDS, seconds, MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS)));
    }

    private static long number(String name, String text, long min, long max) {
        if (!text.matches("\\d{1,9}") || Long.parseLong(text) < min || Long.parseLong(text) > max) {
            throw invalid(
                    name, "is %s, must be an integer from %d to %d".formatted(JsonBody.shortened(text), min, max));
        }
        return Long.parseLong(text);
    }

    private static TandemException invalid(String name, String reason) {
        return new TandemException(ErrorCode.INVALID_REQUEST, name, "%s %s.".formatted(name, reason));
    }
}
