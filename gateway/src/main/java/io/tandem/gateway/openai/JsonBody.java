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
import java.io.IOException;

/** Makes fields of the bytes of a body. */
final class JsonBody {

    private static final int MAX_DEPTH = 64;
    /** Of what a client wrote and an error message repeats. */
    private static final int MAX_SHOWN = 256;

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

    private JsonBody() {}

    /**
     * Reads a body.
     *
     * @throws TandemException INVALID_REQUEST if it is no JSON object
     */
    static Field read(byte[] body) {
        return Field.body(parse(body));
    }

    /** A client's text, cut when it is absurdly long. */
    static String shortened(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
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
}
