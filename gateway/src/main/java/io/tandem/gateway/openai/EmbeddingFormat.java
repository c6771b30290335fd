package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbeddedText;
import io.tandem.gateway.pipeline.TokenCounts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/** Answers of /v1/embeddings. */
public final class EmbeddingFormat {

    private EmbeddingFormat() {}

    /** The whole answer. */
    public static String of(EmbeddingRequest request, EmbedReply reply, TokenCounts tokens) {
        ObjectNode body = AnswerFormat.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        for (EmbeddedText text : reply.getEmbeddingsList()) {
            ObjectNode item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
            if (request.base64()) {
                item.put("embedding", base64(text));
            } else {
                ArrayNode values = item.putArray("embedding");
                for (int i = 0; i < text.getValuesCount(); i++) {
                    values.add(text.getValues(i));
                }
            }
        }
        body.put("model", request.model());
        body.putObject("usage")
                .put("prompt_tokens", tokens.prompt())
                .put("total_tokens", tokens.total())
                .putObject("prompt_tokens_details")
                .put("cached_tokens", tokens.cached());
        return body.toString();
    }

    private static String base64(EmbeddedText text) {
        ByteBuffer bytes =
                ByteBuffer.allocate(text.getValuesCount() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < text.getValuesCount(); i++) {
            bytes.putFloat(text.getValues(i));
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
