package io.tandem.gateway.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Makes fields of the bytes of a body. */
final class JsonBody {

    private static final int MAX_DEPTH = 64;
    /** Values, names and brackets: an empty object takes two bytes of a body and forty times as many here. */
    private static final int MAX_TOKENS = 4_000_000;
    /** Looked at together while a body is checked. */
    private static final int PIECE_CHARACTERS = 8192;
    /** Of what a client wrote and an error message repeats. */
    private static final int MAX_SHOWN = 256;

    /** Strict where leniency would guess, and without limit on strings: the body has its own. */
    private static final ObjectReader JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
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
        requireUtf8(body);
        try {
            JsonNode node = JSON.readValue(body);
            if (node == null || node.isMissingNode()) {
                throw new TandemException(ErrorCode.INVALID_REQUEST, null, "The body is empty; it must be JSON.");
            }
            return node;
        } catch (MismatchedInputException tooMuch) {
            // Its own message is about this server's code.
            throw malformed("a name stands twice in an object, or something after the end", tooMuch);
        } catch (JsonProcessingException malformed) {
            throw malformed(malformed.getOriginalMessage(), malformed);
        } catch (IOException malformed) {
            // Bytes that are no UTF-8 come as this one.
            throw malformed(malformed.getMessage(), malformed);
        }
    }

    /** The parser would guess UTF-16 and UTF-32, and takes characters that are longer than they need to be. */
    private static void requireUtf8(byte[] body) {
        boolean utf16 = body.length >= 2 && (body[0] == 0 || body[1] == 0);
        boolean mark = body.length > 0 && body[0] < 0;
        if (utf16 || mark || !isUtf8(body)) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST, null, "The body must be JSON in UTF-8, without a byte order mark.");
        }
    }

    private static boolean isUtf8(byte[] body) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(body);
        CharBuffer piece = CharBuffer.allocate(PIECE_CHARACTERS);
        CoderResult result = CoderResult.OVERFLOW;
        while (result.isOverflow()) {
            result = decoder.decode(bytes, piece.clear(), true);
        }
        return result.isUnderflow();
    }

    private static TandemException malformed(String reason, IOException cause) {
        return new TandemException(
                ErrorCode.INVALID_REQUEST, null, "The body is not valid JSON: " + shortened(reason), cause);
    }
}
