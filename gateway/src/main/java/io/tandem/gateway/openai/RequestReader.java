package io.tandem.gateway.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import java.io.IOException;
import org.jboss.logging.Logger;

/** Reads bodies of one route against the model that is served. */
public abstract sealed class RequestReader permits ChatReader, CompletionReader {

    private static final Logger LOG = Logger.getLogger(RequestReader.class);
    private static final int MAX_DEPTH = 64;

    /** Strict where leniency would guess, and without limit on strings: the body has its own. */
    private static final ObjectReader JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

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
        Field fields = Field.body(parse(body));
        ApiRequest request = read(fields);
        LOG.debugf("Unknown fields, ignored: %s", fields.unread());
        return request;
    }

    abstract ApiRequest read(Field body);

    AnswerOptions options(Field body) {
        Field name = body.require("model");
        if (!model.names().contains(name.text())) {
            throw new TandemException(
                    ErrorCode.MODEL_NOT_FOUND,
                    name.path(),
                    "The model %s does not exist here; this server serves %s (tandem.gateway.served-model-names)."
                            .formatted(shortened(name.text()), String.join(", ", model.names())));
        }
        boolean stream = body.get("stream").flag(false);
        Field streamOptions = body.get("stream_options");
        if (streamOptions.isSet() && !stream) {
            throw streamOptions.invalid("goes with stream: true only");
        }
        boolean includeUsage =
                streamOptions.isSet() && streamOptions.get("include_usage").flag(false);
        return new AnswerOptions(
                name.text(), stream, includeUsage, body.get("return_token_ids").flag(false));
    }

    private static JsonNode parse(byte[] body) {
        try {
            JsonNode node = JSON.readValue(body);
            if (node == null || node.isMissingNode()) {
                throw new TandemException(ErrorCode.INVALID_REQUEST, null, "The body is empty; it must be JSON.");
            }
            return node;
        } catch (JsonProcessingException malformed) {
            throw malformed(malformed.getOriginalMessage(), malformed);
        } catch (IOException malformed) {
            // Bytes that are no UTF-8 come as this one.
            throw malformed(malformed.getMessage(), malformed);
        }
    }

    private static TandemException malformed(String reason, IOException cause) {
        return new TandemException(
                ErrorCode.INVALID_REQUEST, null, "The body is not valid JSON: " + shortened(reason), cause);
    }

    private static String shortened(String text) {
        return text.length() <= 256 ? text : text.substring(0, 256) + "...";
    }
}
