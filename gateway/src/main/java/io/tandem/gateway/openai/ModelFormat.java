package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/** Answers of /v1/models. */
public final class ModelFormat {

    private ModelFormat() {}

    /**
     * The list, with an entry for each name.
     *
     * @param created seconds since 1970
     */
    public static String list(ServedModel model, long created) {
        ObjectNode body = AnswerFormat.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        model.names().forEach(name -> data.add(entry(model, name, created)));
        return body.toString();
    }

    /**
     * One entry.
     *
     * @throws TandemException MODEL_NOT_FOUND
     */
    public static String one(ServedModel model, String name, long created) {
        if (!model.names().contains(name)) {
            throw new TandemException(
                    ErrorCode.MODEL_NOT_FOUND,
                    "model",
                    "This model does not exist here; this server serves %s (tandem.gateway.served-model-names)."
                            .formatted(String.join(", ", model.names())));
        }
        return entry(model, name, created).toString();
    }

    private static ObjectNode entry(ServedModel model, String name, long created) {
        return AnswerFormat.object()
                .put("id", name)
                .put("object", "model")
                .put("created", created)
                .put("owned_by", "tandem")
                .put("root", model.names().getFirst())
                // vLLM's name for what a prompt may hold.
                .put("max_model_len", model.maxEncoderTokens())
                .put("max_encoder_tokens", model.maxEncoderTokens())
                .put("max_decoder_tokens", model.maxDecoderTokens())
                .put("images", model.images())
                .put("tokens_per_image", model.tokensPerImage())
                .put("fingerprint", model.systemFingerprint());
    }
}
