package io.tandem.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints measures as lines of text or JSON, and on a terminal what is going on meanwhile. Used by one thread. */
final class Report {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final PrintStream out;
    private final boolean json;
    private final boolean progress;

    /** @param progress whether standard error is looked at by somebody */
    Report(PrintStream out, boolean json, boolean progress) {
        this.out = out;
        this.json = json;
        this.progress = progress;
    }

    /**
     * Prints a result.
     *
     * @param measure its name
     * @param fields name, value, name, value ... as JSON has them
     */
    void result(String measure, Object... fields) {
        clearProgress();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("measure", measure);
        for (int i = 0; i < fields.length; i += 2) {
            line.put((String) fields[i], fields[i + 1]);
        }
        out.println(json ? asJson(line) : asText(line));
        out.flush();
    }

    /** Prints a line of a table: its text, or in JSON its fields. */
    void row(String measure, String text, List<Object> fields) {
        if (json) {
            result(measure, fields.toArray());
        } else {
            note(text);
        }
    }

    private static String asJson(Map<String, Object> line) {
        try {
            return MAPPER.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String asText(Map<String, Object> line) {
        StringBuilder text = new StringBuilder();
        line.forEach((name, value) -> text.append(
                name.equals("measure") ? "%-8s".formatted(value) : "  %s %s".formatted(name.replace('_', ' '), value)));
        return text.toString();
    }

    /** Says something that is no result; not in JSON. */
    void note(String text) {
        clearProgress();
        if (!json) {
            out.println(text);
        }
    }

    /** Shows what is being measured. */
    void progress(String text) {
        if (progress) {
            System.err.printf("\r%-70s", text);
        }
    }

    /** Shows how far loading has got. */
    void loading(String part, long done, long total) {
        progress("Loading %s: %d %%".formatted(part, total == 0 ? 100 : 100 * done / total));
    }

    private void clearProgress() {
        if (progress) {
            System.err.printf("\r%70s\r", "");
        }
    }

    /** Rounds to what a measurement is worth: three digits, or a whole number. */
    static double rounded(double value) {
        return Math.abs(value) >= 100 || !Double.isFinite(value)
                ? Math.rint(value)
                : new BigDecimal(value).round(new MathContext(3)).doubleValue();
    }
}
