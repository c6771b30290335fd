package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** Reads bodies of one route against the model that is served. */
public abstract sealed class RequestReader permits ChatReader, CompletionReader {

    private static final Logger LOG = Logger.getLogger(RequestReader.class);
    /** What APIs call their fields; any other name may be somebody's text, which no log shows. */
    private static final Pattern FIELD_NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    private final ServedModel model;

    RequestReader(ServedModel model) {
        this.model = model;
    }

    /**
     * Understands a body.
     *
     * @throws TandemException what is wrong with it, and with which field
     */
    public ApiRequest read(byte[] body) {
        Field fields = JsonBody.read(body);
        ApiRequest request = read(fields);
        tellUnread(fields.unread());
        return request;
    }

    /**
     * Understands the body that a line of a batch holds.
     *
     * @throws TandemException what is wrong with it, and with which field
     */
    public ApiRequest readLine(byte[] line) {
        ApiRequest request = read(Field.body(JsonBody.read(line).require("body").node()));
        if (request.options().stream()) {
            throw new TandemException(
                    ErrorCode.UNSUPPORTED_PARAMETER, "stream", "stream is true, which lines of batches can't have.");
        }
        return request;
    }

    private static void tellUnread(Set<String> names) {
        if (!names.isEmpty()) {
            List<String> shown = names.stream()
                    .filter(name -> FIELD_NAME.matcher(name).matches())
                    .toList();
            LOG.debugf("Unknown fields, ignored: %s and %d other names", shown, names.size() - shown.size());
        }
    }

    abstract ApiRequest read(Field body);

    /** @param logprobs whether the route's own fields ask for log probabilities */
    AnswerOptions options(Field body, boolean logprobs) {
        String name = model.requireServed(body.require("model"));
        requireWellFormedLabels(body);
        boolean stream = body.get("stream").flag(false);
        Field streamOptions = body.get("stream_options");
        if (streamOptions.isSet() && !stream) {
            throw streamOptions.invalid("goes with stream: true only");
        }
        boolean includeUsage =
                streamOptions.isSet() && streamOptions.get("include_usage").flag(false);
        return new AnswerOptions(
                name, stream, includeUsage, body.get("return_token_ids").flag(false), logprobs);
    }

    /** Labels change nothing here, but whoever sends something else in their place meant something else. */
    private static void requireWellFormedLabels(Field body) {
        Field user = body.get("user");
        if (user.isSet()) {
            user.text();
        }
        Metadata.read(body.get("metadata"));
    }
}
