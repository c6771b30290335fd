package io.tandem.gateway.batches;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at every line of a batch before the first is worked on. Owned and used by the batch's thread. */
final class Validation {

    /** Errors that are told; whoever has as many learns nothing from more. */
    private static final int MAX_ERRORS = 100;

    private final LineAnswers answers;
    private final BatchLimits limits;
    private final List<LineError> errors = new ArrayList<>();
    private final Map<String, Integer> firstLines = new HashMap<>();
    private int lines;

    Validation(LineAnswers answers, BatchLimits limits) {
        this.answers = answers;
        this.limits = limits;
    }

    /**
     * What was found.
     *
     * @param lines in the input; meaningful without errors
     * @param errors none when it can be worked on
     */
    record Report(int lines, List<LineError> errors) {}

    Report validate(BatchStore store, Batch batch) {
        try (InputLines input = new InputLines(store.input(batch), limits.maxLineBytes() + 1)) {
            int blanks = 0;
            while (errors.size() < MAX_ERRORS && input.next()) {
                lines++;
                if (input.isBlank()) {
                    blanks++;
                    continue;
                }
                // They are let pass at the end of the file only.
                if (blanks > 0) {
                    errors.add(LineError.ofLine(
                            lines - blanks, new LineRefusal("invalid_json_line", null, "This line is empty.")));
                    blanks = 0;
                }
                if (lines > limits.maxLines()) {
                    errors.add(tooMany());
                    break;
                }
                check(input, batch.order().endpoint());
            }
            lines -= blanks;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (lines == 0 && errors.isEmpty()) {
            errors.add(LineError.ofFile("empty_file", "The file has no lines."));
        }
        return new Report(lines, errors);
    }

    private LineError tooMany() {
        return LineError.ofFile(
                "too_many_requests",
                "The file has more than %,d lines, which is the limit; split it or raise tandem.gateway.batches.max-lines."
                        .formatted(limits.maxLines()));
    }

    private void check(InputLines input, String endpoint) {
        try {
            if (input.length() > limits.maxLineBytes()) {
                throw new LineRefusal(
                        "line_too_long",
                        null,
                        "This line has %,d bytes, limit %,d; raise tandem.gateway.batches.max-line-size."
                                .formatted(input.length(), limits.maxLineBytes()));
            }
            String customId = answers.check(input.bytes(), endpoint);
            Integer first = firstLines.putIfAbsent(customId, lines);
            if (first != null) {
                throw new LineRefusal(
                        "duplicate_custom_id",
                        "custom_id",
                        "The custom_id of this line is also that of line %,d; they must be unique.".formatted(first));
            }
        } catch (LineRefusal refusal) {
            errors.add(LineError.ofLine(lines, refusal));
        }
    }
}
