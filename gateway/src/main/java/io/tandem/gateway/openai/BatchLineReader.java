package io.tandem.gateway.openai;

import io.tandem.contract.TandemException;
import io.tandem.gateway.batches.LineRefusal;

/** Reads what lines of batches say around the body of their request. */
public final class BatchLineReader {

    private static final String CUSTOM_ID = "custom_id";
    private static final int MAX_CUSTOM_ID = 512;

    private BatchLineReader() {}

    /**
     * Checks a line, but for the fields of its body, whose errors are its own answer.
     *
     * @param endpoint path that all lines of the batch are for
     * @return its {@code custom_id}
     */
    public static String check(byte[] line, String endpoint) throws LineRefusal {
        Field fields;
        try {
            fields = JsonBody.read(line);
        } catch (TandemException malformed) {
            throw new LineRefusal(
                    "invalid_json_line", null, malformed.getMessage().replace("The body", "This line"));
        }
        String customId = text(fields, CUSTOM_ID);
        if (customId.isEmpty() || customId.length() > MAX_CUSTOM_ID) {
            throw new LineRefusal(
                    "invalid_value",
                    CUSTOM_ID,
                    "custom_id has %d characters, must be 1 to %d.".formatted(customId.length(), MAX_CUSTOM_ID));
        }
        String method = text(fields, "method");
        if (!method.equals("POST")) {
            throw new LineRefusal("invalid_method", "method", "method is %s, must be POST.".formatted(shown(method)));
        }
        String url = text(fields, "url");
        if (!url.equals(endpoint)) {
            throw new LineRefusal(
                    "invalid_url",
                    "url",
                    "url is %s, must be the endpoint of the batch, %s.".formatted(shown(url), endpoint));
        }
        Field body = required(fields, "body");
        if (!body.node().isObject()) {
            throw new LineRefusal("invalid_value", "body", "body must be a JSON object.");
        }
        return customId;
    }

    /** The {@code custom_id} of a line that was checked. */
    public static String customId(byte[] line) {
        return JsonBody.read(line).get(CUSTOM_ID).text();
    }

    private static String text(Field fields, String name) throws LineRefusal {
        Field field = required(fields, name);
        try {
            return field.text();
        } catch (TandemException wrong) {
            throw new LineRefusal("invalid_value", name, wrong.getMessage());
        }
    }

    private static Field required(Field fields, String name) throws LineRefusal {
        Field field = fields.get(name);
        if (!field.isSet()) {
            throw new LineRefusal(
                    "missing_required_parameter", name, "Missing required parameter: '%s'.".formatted(name));
        }
        return field;
    }

    private static String shown(String text) {
        return JsonBody.shortened(text);
    }
}
