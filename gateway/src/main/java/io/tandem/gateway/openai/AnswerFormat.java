package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes the answer to one request in the shape of its route: whole, or piece by piece. Immutable. */
public abstract sealed class AnswerFormat permits ChatFormat, CompletionFormat {

    private final Identity identity;
    private final AnswerOptions options;

    AnswerFormat(Identity identity, AnswerOptions options) {
        this.identity = identity;
        this.options = options;
    }

    /** The whole answer. */
    public final String whole(List<Choice> choices, TokenCounts tokens) {
        ObjectNode answer = envelope(wholeObject());
        ArrayNode list = answer.putArray("choices");
        choices.forEach(choice -> list.add(wholeChoice(choice)));
        answer.set("usage", usage(tokens));
        return answer.toString();
    }

    /**
     * The piece that opens a choice of a streamed answer.
     *
     * @param promptTokenIds what the encoder read
     * @return empty when this route needs none
     */
    public abstract Optional<String> opening(int index, List<Integer> promptTokenIds);

    /** A piece of a choice's text, with what was asked for about its tokens. */
    public abstract String delta(int index, Delta delta);

    /** The piece that ends a choice. */
    public abstract String closing(int index, Outcome.Finish finish);

    /**
     * The last piece of a streamed answer, when the client asked for it: what it cost, and where the time went, of which its headers
     * could not tell the end.
     */
    public final Optional<String> closingUsage(TokenCounts tokens, Timings timings) {
        if (!options.includeUsage()) {
            return Optional.empty();
        }
        ObjectNode piece = envelope(pieceObject());
        piece.putArray("choices");
        piece.set("usage", usage(tokens));
        piece.set("timings", timings(timings));
        return Optional.of(piece.toString());
    }

    abstract String wholeObject();

    abstract String pieceObject();

    abstract ObjectNode wholeChoice(Choice choice);

    final boolean returnTokenIds() {
        return options.returnTokenIds();
    }

    final boolean logprobs() {
        return options.logprobs();
    }

    final String piece(ObjectNode choice) {
        ObjectNode piece = envelope(pieceObject());
        piece.putArray("choices").add(choice);
        if (options.includeUsage()) {
            piece.putNull("usage");
        }
        return piece.toString();
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static void putIds(ObjectNode target, String name, List<Integer> ids) {
        ArrayNode list = target.putArray(name);
        ids.forEach(list::add);
    }

    static String name(Outcome.Finish finish) {
        return finish.name().toLowerCase(Locale.ROOT);
    }

    private ObjectNode envelope(String objectName) {
        return object().put("id", identity.id())
                .put("object", objectName)
                .put("created", identity.created())
                .put("model", identity.model())
                .put("system_fingerprint", identity.systemFingerprint());
    }

    /** Milliseconds under the names of the header {@code server-timing}. */
    private static ObjectNode timings(Timings timings) {
        return object().put("queue_ms", timings.queue() / 1e3)
                .put("fetch_ms", timings.fetch() / 1e3)
                .put("vision_ms", timings.vision() / 1e3)
                .put("encode_ms", timings.encode() / 1e3)
                .put("transfer_ms", timings.transfer() / 1e3)
                .put("decode_ms", timings.decode() / 1e3);
    }

    private static ObjectNode usage(TokenCounts tokens) {
        ObjectNode usage = object().put("prompt_tokens", tokens.prompt())
                .put("completion_tokens", tokens.completion())
                .put("total_tokens", tokens.total());
        usage.putObject("prompt_tokens_details")
                .put("cached_tokens", tokens.cached())
                .put("image_tokens", tokens.image())
                .put("cache_write_tokens", tokens.written());
        return usage;
    }

    /**
     * A page of a list.
     *
     * @param entries each with its {@code id}
     * @param more whether others come after it
     */
    static String page(List<ObjectNode> entries, boolean more) {
        ObjectNode answer = object().put("object", "list");
        answer.putArray("data").addAll(entries);
        if (entries.isEmpty()) {
            answer.putNull("first_id").putNull("last_id");
        } else {
            answer.set("first_id", entries.getFirst().get("id"));
            answer.set("last_id", entries.getLast().get("id"));
        }
        return answer.put("has_more", more).toString();
    }
}
