package io.tandem.engine.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What detokenizing needs to know of {@code tokenizer.json} beyond what the native tokenizer tells: which ids exist,
 * which are special, and which stand for a byte.
 *
 * <p>The file of a released checkpoint is 33 MB, so it is read as a stream and its vocabulary is not kept.
 */
final class TokenizerFile {

    static final String FILE_NAME = "tokenizer.json";

    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final BitSet known = new BitSet();
    private final BitSet special = new BitSet();
    private final BitSet bytes = new BitSet();
    private final Map<Integer, Integer> byteValues = new HashMap<>();
    private final Map<String, Integer> addedTokens = new HashMap<>();
    private boolean decodesBytes;

    private TokenizerFile(Path file) {
        this.file = file;
    }

    /** @throws CheckpointException if the file is missing, broken, or has a decoder that can't be streamed exactly */
    static TokenizerFile read(Path file) {
        TokenizerFile result = new TokenizerFile(file);
        try (JsonParser parser = JSON.createParser(file.toFile())) {
            result.readRoot(parser);
        } catch (JacksonException e) {
            throw new CheckpointException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException("can't read " + file + ": " + e.getMessage(), e);
        }
        if (result.known.isEmpty()) {
            throw new CheckpointException(file + " has no model.vocab");
        }
        if (!result.decodesBytes) {
            result.bytes.clear();
        }
        return result;
    }

    /** Whether a token has this id; the vocabulary may have holes. */
    boolean isKnown(int id) {
        return id >= 0 && known.get(id);
    }

    /** Whether decoding without special tokens leaves this id out. */
    boolean isSpecial(int id) {
        return id >= 0 && special.get(id);
    }

    /** Whether this id stands for one byte, so that what it decodes to depends on its neighbours. */
    boolean isByte(int id) {
        return id >= 0 && bytes.get(id);
    }

    /** The byte that this id stands for, 0 to 255; empty if it stands for none. */
    OptionalInt byteValue(int id) {
        Integer value = decodesBytes ? byteValues.get(id) : null;
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    /** One more than the greatest id. */
    int vocabularySize() {
        return known.length();
    }

    /** Ids of {@code added_tokens} by their text; among them all special tokens. */
    Map<String, Integer> addedTokens() {
        return addedTokens;
    }

    private void readRoot(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new CheckpointException(file + " is not a JSON object");
        }
        JsonNode decoder = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "added_tokens" -> readAddedTokens(parser.readValueAsTree());
                case "decoder" -> decoder = parser.readValueAsTree();
                case "model" -> readModel(parser);
                default -> parser.skipChildren();
            }
        }
        readDecoder(decoder);
    }

    private void readAddedTokens(JsonNode tokens) {
        for (JsonNode token : tokens) {
            int id = token.path("id").asInt(-1);
            if (id < 0 || !token.path("content").isTextual()) {
                throw new CheckpointException(file + ": entry of added_tokens without id or content: " + token);
            }
            known.set(id);
            special.set(id, token.path("special").asBoolean());
            addedTokens.put(token.path("content").textValue(), id);
        }
    }

    private void readModel(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean vocabulary = parser.currentName().equals("vocab");
            JsonToken value = parser.nextToken();
            if (!vocabulary) {
                parser.skipChildren();
            } else if (value == JsonToken.START_OBJECT) {
                readVocabulary(parser);
            } else {
                throw new CheckpointException(file + ": model.vocab is not an object; only BPE models are supported");
            }
        }
    }

    private void readVocabulary(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String token = parser.currentName();
            parser.nextToken();
            int id = parser.getIntValue();
            if (id < 0) {
                throw new CheckpointException(file + ": token " + token + " has the id " + id);
            }
            known.set(id);
            bytes.set(id, mayStandForByte(token));
            if (BYTE.matcher(token).matches()) {
                byteValues.put(id, HexFormat.fromHexDigits(token, 3, 5));
            }
        }
    }

    /** Wider than {@code <0x[0-9A-F]{2}>} on purpose: holding text back needlessly is safe, the opposite is not. */
    private static boolean mayStandForByte(String token) {
        return token.startsWith("<0x")
                && token.endsWith(">")
                && token.getBytes(StandardCharsets.UTF_8).length == "<0xFF>".length();
    }

    /**
     * Accepts the decoders under which a token's text depends on its predecessor, or on the bytes next to it, and on
     * nothing else; that is what makes exact streaming possible.
     */
    private void readDecoder(JsonNode decoder) {
        if (decoder == null || decoder.isNull()) {
            throw new CheckpointException(file + " has no decoder");
        }
        Iterable<JsonNode> steps =
                "Sequence".equals(decoder.path("type").asText()) ? decoder.path("decoders") : List.of(decoder);
        boolean fused = false;
        for (JsonNode step : steps) {
            String type = step.path("type").asText();
            boolean supported =
                    switch (type) {
                        case "Replace", "ByteFallback" -> !fused;
                        case "Fuse" -> true;
                        case "Strip" ->
                            step.path("start").asInt() <= 1 && step.path("stop").asInt() == 0;
                        default -> false;
                    };
            if (!supported) {
                throw new CheckpointException(file + ": decoder step " + step + " is not supported; expected Replace, "
                        + "ByteFallback, Fuse, Strip of one leading character, in this order");
            }
            fused |= type.equals("Fuse");
            decodesBytes |= type.equals("ByteFallback");
        }
    }
}
