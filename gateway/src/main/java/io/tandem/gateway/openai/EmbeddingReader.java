package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.encoder.v1.EmbedInput;
import io.tandem.contract.encoder.v1.EmbedRequest;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.List;

/** Reads bodies of /v1/embeddings. */
public final class EmbeddingReader {

    private final ServedModel model;
    private final RequestLimits limits;

    /**
     * @param model what is served
     * @param limits what requests may bring
     */
    public EmbeddingReader(ServedModel model, RequestLimits limits) {
        this.model = model;
        this.limits = limits;
    }

    /**
     * Understands a body.
     *
     * @throws io.tandem.contract.TandemException what is wrong with it, and with which field
     */
    public EmbeddingRequest read(byte[] body) {
        Field fields = JsonBody.read(body);
        String name = model.requireServed(fields.require("model"));
        Field dimensions = fields.get("dimensions");
        if (dimensions.isSet()) {
            throw dimensions.failure(
                    ErrorCode.UNSUPPORTED_PARAMETER,
                    "asks for shortened vectors; this model was not trained for them, leave it out");
        }
        Field truncation = fields.get("truncate_prompt_tokens");
        if (truncation.isSet()) {
            throw truncation.failure(
                    ErrorCode.UNSUPPORTED_PARAMETER, "asks for texts to be cut, which this server does not do");
        }
        Field user = fields.get("user");
        if (user.isSet()) {
            user.text();
        }
        boolean base64 = base64(fields.get("encoding_format"));
        EmbedRequest embedding = EmbedRequest.newBuilder()
                .addAllInputs(inputs(fields.require("input")))
                .build();
        return new EmbeddingRequest(embedding, name, base64);
    }

    private static boolean base64(Field format) {
        return format.isSet()
                && switch (format.text()) {
                    case "float" -> false;
                    case "base64" -> true;
                    default -> throw format.invalid("must be float or base64");
                };
    }

    private List<EmbedInput> inputs(Field input) {
        if (input.isText()) {
            return List.of(text(input));
        }
        if (!input.isList()) {
            throw input.invalid("must be a string, a list of strings, token ids or a list of those");
        }
        List<Field> items = input.items();
        if (items.isEmpty() || items.getFirst().isNumber()) {
            return List.of(tokens(input));
        }
        if (items.size() > limits.maxInputs()) {
            throw input.invalid("has %d items, limit %d; raise tandem.gateway.counts.max-inputs"
                    .formatted(items.size(), limits.maxInputs()));
        }
        boolean texts = items.getFirst().isText();
        return items.stream().map(item -> texts ? text(item) : tokens(item)).toList();
    }

    private static EmbedInput text(Field field) {
        if (field.text().isEmpty()) {
            throw field.invalid("must not be empty");
        }
        return EmbedInput.newBuilder()
                .setField(field.path())
                .setText(field.text())
                .build();
    }

    private EmbedInput tokens(Field field) {
        List<Integer> ids = field.tokenIds(model.vocabularySize());
        if (ids.isEmpty()) {
            throw field.invalid("must not be empty");
        }
        return EmbedInput.newBuilder()
                .setField(field.path())
                .setTokenIds(TokenIds.newBuilder().addAllIds(ids))
                .build();
    }
}
